"""The JSON of RFC 7951: what is encoded is decoded to the same, for random data of our models."""

import base64
import importlib
import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polycube_runtime.rest.restconf.target import cubes_of
from polycube_runtime.support import types as t
from polycube_runtime.support.errors import PolycubeError, raise_all
from polycube_runtime.support.instance import dump
from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)
from polycube_runtime.support.validate import Check, Encoding, Mode
from tests.golden.packages import maps, nodes, shop

GENERATED = ("simplebridge", "ddosmitigator", "simpleforwarder")
SERVICES = [
    nodes.SERVICE,
    maps.SERVICE,
    *(importlib.import_module(f"polycube_generated.{name}").SERVICE for name in GENERATED),
]
MODELS = [*map(cubes_of, SERVICES), shop.MODEL]
NOTHING = st.just(...)
"""In place of an identity, if there is none to choose from."""
OCTET = st.integers(0, 255)
TEXTS = {
    t.MacAddress: st.lists(OCTET, min_size=6, max_size=6).map(
        lambda octets: ":".join(f"{one:02x}" for one in octets)
    ),
    t.Ipv4Address: st.ip_addresses(v=4).map(str),
    t.Ipv6Address: st.ip_addresses(v=6).map(str),
    t.IpAddress: st.ip_addresses().map(str),
    t.Ipv4Prefix: st.ip_addresses(v=4).map(lambda one: f"{one}/24"),
    t.Ipv6Prefix: st.ip_addresses(v=6).map(lambda one: f"{one}/64"),
    t.IpPrefix: st.ip_addresses().map(lambda one: f"{one}/9"),
    t.InstanceIdentifier: st.just("/shop:shop/limit"),
}


def texts(type_: t.String):
    low, high = type_.lengths[0] if type_.lengths else (0, 8)
    plain = st.text("ab.19", min_size=low, max_size=min(high, low + 8))
    odd = st.text(min_size=low, max_size=min(high, low + 8))
    known = st.sampled_from(["me@home.org", "10.0.0.1/8", "p1"])
    return (plain | odd | known).filter(lambda text: accepted(type_, text))


def accepted(type_: t.Type, value: object) -> bool:
    try:
        type_.validate(value, "")
    except PolycubeError:
        return False
    return True


def values(type_: t.Type):  # noqa: C901 (one case for each type)
    """A strategy for values of a type, in the dialect."""
    match type_:
        case t.Integer(ranges=ranges):
            return st.sampled_from(ranges).flatmap(lambda one: st.integers(*one))
        case t.Decimal64(fraction_digits=digits, ranges=((low, high), *_)):
            scale = Decimal(10) ** digits
            whole = st.integers(int(low * scale), int(high * scale))
            return whole.map(lambda one: str(Decimal(one) / scale)).filter(
                lambda text: accepted(type_, text)
            )
        case t.String():
            return texts(type_)
        case t.Enumeration(values=named):
            return st.sampled_from([name for name, _ in named])
        case t.Boolean():
            return st.booleans()
        case t.Empty():
            return st.just([None])
        case t.Bits(names=names):
            return st.lists(st.sampled_from(names), unique=True).map(" ".join)
        case t.Binary():
            octets = st.binary(max_size=9).map(lambda one: base64.b64encode(one).decode())
            return octets.filter(lambda text: accepted(type_, text))
        case t.Leafref(target=target):
            return values(target)
        case t.Union(members=members):
            return st.one_of([values(one) for one in members])
        case t.Identityref(values=names):
            return st.sampled_from(sorted(names)) if names else st.nothing()
        case _:
            return TEXTS[type(type_)]


@st.composite
def objects(draw, node):
    """Data of what is in a node."""
    idle = {
        name
        for choice in node.choices
        for chosen in [draw(st.sampled_from(choice.cases))]
        for case in choice.cases
        if case is not chosen
        for name in case.members
    }
    found = {}
    for name, child in node.by_name.items():
        if isinstance(child, Action | Notification) or name in idle:
            continue
        wanted = getattr(child, "key", False) or getattr(child, "mandatory", False)
        fewest = getattr(child, "min_elements", 0) or isinstance(child, Container)
        if wanted or fewest or draw(st.booleans()):
            drawn = draw(data(child) | NOTHING if child.name == "payment" else data(child))
            if drawn is not ...:
                found[name] = drawn
    return found


def data(node):
    """A strategy for the data of a node."""
    match node:
        case Leaf():
            return values(node.type)
        case LeafList():
            most = min(node.max_elements, 3)
            return st.lists(
                values(node.type), min_size=node.min_elements, max_size=most, unique_by=repr
            )
        case List():
            most = min(node.max_elements, 2)
            keys = node.keys or list(node.by_name)
            return st.lists(
                objects(node),
                min_size=node.min_elements,
                max_size=most,
                unique_by=lambda entry: repr([entry.get(key) for key in keys]),
            )
        case AnyData():
            return st.dictionaries(st.text(max_size=3), st.integers() | st.none(), max_size=2)
        case Container():
            return objects(node)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.data())
def test_what_is_encoded_is_decoded_to_the_same(model, drawn):
    check = Check(Mode.INSTANCE)
    canonical = check.members(model, drawn.draw(objects(model)), "")
    raise_all(check.errors)
    encoded = json.loads(json.dumps(dump(model, canonical)))
    strict = Check(Mode.INSTANCE, Encoding.RFC7951)
    assert strict.members(model, encoded, "") == canonical
    assert strict.errors == []


def test_every_type_is_written_as_the_rfc_says():
    """Section 6, one by one."""
    for type_, value, written in (
        (t.UINT64, 2**63, "9223372036854775808"),
        (t.INT64, -5, "-5"),
        (t.UINT32, 7, 7),
        (t.Decimal64(2, ((Decimal(0), Decimal(9)),)), "1.5", "1.5"),
        (t.Boolean(), True, True),
        (t.Enumeration((("a", 0),)), "a", "a"),
        (t.Bits(("x", "y")), "x y", "x y"),
        (t.Binary(), "aGk=", "aGk="),
        (t.Empty(), [None], [None]),
        (t.Identityref("m", frozenset(["m:a", "n:b"])), "m:a", "a"),
        (t.Identityref("m", frozenset(["m:a", "n:b"])), "n:b", "n:b"),
        (t.Union((t.UINT64, t.String())), 5, "5"),
        (t.Union((t.UINT8, t.Empty())), [None], [None]),
    ):
        assert type_.encode(value) == written
        assert type_.decode(written, "") == value


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (t.UINT64, 5), (t.UINT32, "5"), (t.UINT32, 1.5), (t.UINT32, True), (t.Empty(), None),
        (t.Decimal64(2, ((Decimal(0), Decimal(9)),)), 1.5), (t.Enumeration((("a", 0),)), "A"),
        (t.UINT64, "-1"), (t.UINT64, "1" * 40), (t.Boolean(), "true"),
    ],
)  # fmt: skip
def test_what_only_the_dialect_takes_is_refused(type_, value):
    assert not decoded(type_, value)


def decoded(type_: t.Type, value: object) -> bool:
    try:
        type_.decode(value, "")
    except PolycubeError:
        return False
    return True
