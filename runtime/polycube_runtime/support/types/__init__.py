"""Leaf types: each checks a JSON value and makes it canonical.

* numbers: ``Integer``, ``Decimal64``
* strings: ``String``, ``Enumeration``, ``Boolean``, ``Empty``
* addresses: ``MacAddress``, ``Ipv4Address``, ``Ipv6Address``, ``IpAddress`` and the prefixes
* composite: ``Leafref``, ``Union``
"""

from polycube_runtime.support.types.addresses import (
    IpAddress,
    IpPrefix,
    Ipv4Address,
    Ipv4Prefix,
    Ipv6Address,
    Ipv6Prefix,
    MacAddress,
)
from polycube_runtime.support.types.base import Type
from polycube_runtime.support.types.composite import Leafref, Union
from polycube_runtime.support.types.numbers import Decimal64, Integer
from polycube_runtime.support.types.strings import Boolean, Empty, Enumeration, String

__all__ = [
    "Boolean",
    "Decimal64",
    "Empty",
    "Enumeration",
    "Integer",
    "IpAddress",
    "IpPrefix",
    "Ipv4Address",
    "Ipv4Prefix",
    "Ipv6Address",
    "Ipv6Prefix",
    "Leafref",
    "MacAddress",
    "String",
    "Type",
    "Union",
]
