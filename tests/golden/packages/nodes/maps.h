/* Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT. */
#pragma once
