"""Leaf types: each checks a JSON value and makes it canonical.

* numbers: ``Integer``, ``Decimal64``; ``UINT32`` and the like are integers without a range
* strings: ``String``, ``Enumeration``, ``Boolean``, ``Empty``
* addresses: ``MacAddress``, ``Ipv4Address``, ``Ipv6Address``, ``IpAddress`` and the prefixes
* binary: ``Bits``, ``Binary``
* names: ``Identityref``, ``InstanceIdentifier``
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
from polycube_runtime.support.types.binary import Binary, Bits
from polycube_runtime.support.types.composite import Leafref, Union
from polycube_runtime.support.types.identities import Identityref, InstanceIdentifier
from polycube_runtime.support.types.numbers import (
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Decimal64,
    Integer,
)
from polycube_runtime.support.types.strings import Boolean, Empty, Enumeration, String

__all__ = [
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "Binary",
    "Bits",
    "Boolean",
    "Decimal64",
    "Empty",
    "Enumeration",
    "Identityref",
    "InstanceIdentifier",
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
