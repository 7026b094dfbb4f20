"""Leaf types: what is accepted, what it becomes, how the rest is refused."""

from decimal import Decimal

import pytest

from polycube_runtime.support import types
from polycube_runtime.support.errors import InvalidValue

U16 = types.Integer(16, signed=False, ranges=((0, 65535),))
GAPS = types.Integer(8, signed=True, ranges=((-5, -1), (10, 10)))
MONEY = types.Decimal64(2, ((Decimal("0.0"), Decimal("10.5")),))
WORD = types.String(patterns=("[a-z]+",), lengths=((1, 3), (5, 5)))
ACTION = types.Enumeration((("DROP", 0), ("SlowPath", 1), ("FORWARD", 7)))
CASES = types.Enumeration((("up", 0), ("UP", 1)))
EITHER = types.Union((U16, ACTION))


@pytest.mark.parametrize(
    ("type_", "value", "canonical"),
    [
        (U16, 0, 0),
        (U16, 65535, 65535),
        (GAPS, -5, -5),
        (GAPS, 10, 10),
        (MONEY, "1.50", "1.5"),
        (MONEY, 3, "3.0"),
        (MONEY, 0.25, "0.25"),
        (MONEY, "0", "0.0"),
        (MONEY, "10", "10.0"),
        (WORD, "abc", "abc"),
        (WORD, "abcde", "abcde"),
        (ACTION, "drop", "DROP"),
        (ACTION, "SLOWPATH", "SlowPath"),
        (CASES, "up", "up"),
        (CASES, "UP", "UP"),
        (types.Boolean(), False, False),
        (types.Empty(), [None], [None]),
        (types.Empty(), None, [None]),
        (types.MacAddress(), "AA:bb:0C:00:00:01", "aa:bb:0c:00:00:01"),
        (types.Ipv4Address(), "10.0.0.1", "10.0.0.1"),
        (types.Ipv6Address(), "FE80:0::0001", "fe80::1"),
        (types.IpAddress(), "::1", "::1"),
        (types.IpAddress(), "1.2.3.4", "1.2.3.4"),
        (types.Ipv4Prefix(), "10.0.1.7/24", "10.0.1.7/24"),
        (types.Ipv6Prefix(), "2001:DB8::/32", "2001:db8::/32"),
        (types.IpPrefix(), "10.0.0.0/8", "10.0.0.0/8"),
        (types.IpPrefix(), "::/0", "::/0"),
        (types.Leafref("/a", U16), 4, 4),
        (EITHER, 4, 4),
        (EITHER, "forward", "FORWARD"),
    ],
)
def test_accepted(type_, value, canonical):
    result = type_.validate(value, "/x")
    assert result == canonical
    assert type(result) is type(canonical)


@pytest.mark.parametrize(
    ("type_", "value", "message"),
    [
        (U16, 70000, "/x: 70000 is out of range; expected integer 0..65535"),
        (U16, "1", "/x: '1' is not an integer; expected integer 0..65535"),
        (U16, True, "/x: true is not an integer; expected integer 0..65535"),
        (U16, 1.0, "/x: 1.0 is not an integer; expected integer 0..65535"),
        (U16, None, "/x: null is not an integer; expected integer 0..65535"),
        (GAPS, 0, "/x: 0 is out of range; expected integer -5..-1 | 10"),
        (MONEY, "x", "/x: 'x' is not a number; expected number 0.0..10.5 with at most 2 decimals"),
        (MONEY, "NaN", "/x: 'NaN' is not a number; expected number 0.0..10.5 with at most 2"),
        (MONEY, 1.234, "/x: 1.234 has too many decimals; expected number 0.0..10.5"),
        (MONEY, 11, "/x: 11 is out of range; expected number 0.0..10.5"),
        (WORD, 5, "/x: 5 is not a string; expected string of 1..3 | 5 characters matching [a-z]+"),
        (types.String(), "a\0b", "/x: 'a\0b' has U+0000, which is no text; expected string"),
        (types.String(), "\uffff", "/x: '\uffff' has U+FFFF, which is no text; expected string"),
        (WORD, "abcd", "/x: 'abcd' has 4 characters; expected string of 1..3 | 5 characters"),
        (WORD, "aB", "/x: 'aB' does not match; expected string"),
        (WORD, "ab\n", "/x: 'ab\n' does not match; expected string"),
        (ACTION, "PASS", "expected one of DROP, SlowPath, FORWARD"),
        (ACTION, 0, "/x: 0 is not a value of this enumeration; expected one of"),
        (CASES, "Up", "expected one of up, UP"),
        (types.Boolean(), "true", "/x: 'true' is not a boolean; expected true or false"),
        (types.Boolean(), 1, "/x: 1 is not a boolean; expected true or false"),
        (types.Empty(), True, "/x: true is not empty; expected [null]"),
        (types.MacAddress(), "zz", "/x: 'zz' is not a MAC address; expected xx:xx:xx:xx:xx:xx"),
        (types.MacAddress(), "00-00-00-00-00-00", "is not a MAC address"),
        (types.Ipv4Address(), "10.0.0.256", "is not an IPv4 address; expected IPv4 address"),
        (types.Ipv4Address(), "10.0.0.01", "is not an IPv4 address"),
        (types.Ipv4Address(), 1, "/x: 1 is not an IPv4 address"),
        (types.Ipv4Address(), "10.0.0.1/24", "is not an IPv4 address"),
        (types.Ipv6Address(), "fe80::1%eth0", "expected IPv6 address without a zone"),
        (types.IpAddress(), "x", "/x: 'x' is not an IP address; expected IPv4 or IPv6 address"),
        (types.Ipv4Prefix(), "10.0.0.0", "/x: '10.0.0.0' is not an IPv4 prefix"),
        (types.Ipv4Prefix(), "10.0.0.0/33", "is not an IPv4 prefix"),
        (types.Ipv4Prefix(), "10.0.0.0/255.0.0.0", "is not an IPv4 prefix"),
        (types.Ipv6Prefix(), "::/129", "is not an IPv6 prefix"),
        (types.IpPrefix(), "::", "is not an IP prefix"),
        (types.Leafref("/a", U16), "x", "/x: 'x' is not an integer; expected integer 0..65535"),
        (EITHER, "x", "expected integer 0..65535 or one of DROP, SlowPath, FORWARD"),
    ],
)
def test_refused_with_node_value_and_what_is_accepted(type_, value, message):
    with pytest.raises(InvalidValue) as refusal:
        type_.validate(value, "/x")
    assert message in str(refusal.value)
    assert refusal.value.path == "/x"


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (U16, "80", 80),
        (GAPS, "-5", -5),
        (types.Boolean(), "True", True),
        (ACTION, "drop", "DROP"),
        (types.Ipv4Prefix(), "10.0.0.0/8", "10.0.0.0/8"),
        (types.Leafref("/a", U16), "7", 7),
        (EITHER, "7", 7),
        (EITHER, "drop", "DROP"),
    ],
)
def test_text_of_a_url_becomes_the_value(type_, text, value):
    assert type_.parse(text, "/x") == value


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (U16, ""),
        (U16, "0x10"),
        (U16, "1_0"),
        (U16, "٣"),
        (U16, "9" * 5000),
        (types.Boolean(), "1"),
        (EITHER, "x"),
    ],
)
def test_text_that_is_no_value_is_refused(type_, text):
    with pytest.raises(InvalidValue):
        type_.parse(text, "/x")


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(InvalidValue) as refusal:
        U16.validate("x" * 10_000, "/x")
    assert len(str(refusal.value)) < 200


def test_a_string_without_an_upper_limit_says_so():
    assert types.String(lengths=((1, 2**64 - 1),)).expected == "string of 1 or more characters"
