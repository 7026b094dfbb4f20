/* Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT. */
#pragma once
