# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service conditions, as maps.h declares them."""

from polycube_runtime.support.codec import MapLayout

MAPS: tuple[MapLayout, ...] = ()
