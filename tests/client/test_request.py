"""From argument words to method, path and body."""

import json
import shlex

import pytest

from polycube_client.errors import UsageError
from polycube_client.grammar import parse
from polycube_client.jsontypes import Json
from polycube_client.request import build, needs_body, takes_body

NONE = object()

REQUESTS = [
    # (command line, method, target, body)
    ("simplebridge add br1", "POST", "simplebridge/br1/", {}),
    ("simplebridge add br1 type=xdp_skb fdb.aging-time=5", "POST", "simplebridge/br1/",
     {"type": "xdp_skb", "fdb": {"aging-time": 5}}),
    ("simplebridge del br1", "DELETE", "simplebridge/br1/", NONE),
    ("br1 del", "DELETE", "br1/", NONE),
    ("br1 show", "GET", "br1/", NONE),
    ("show", "GET", "", NONE),
    ("br1 ports add p1 peer=veth1", "POST", "br1/ports/p1/", {"peer": "veth1"}),
    ("br1 ports p1 set peer=veth1", "PATCH", "br1/ports/p1/peer/", "veth1"),
    ("br1 ports p1 set peer=", "PATCH", "br1/ports/p1/peer/", ""),
    ("sw ports p1 access set vlanid=10", "PATCH", "sw/ports/p1/access/vlanid/", 10),
    ("br1 set fdb.aging-time=60", "PATCH", "br1/fdb/aging-time/", 60),
    ("br1 set loglevel=debug shadow=true", "PATCH", "br1/", {"loglevel": "debug", "shadow": True}),
    ("hw1 set action=forward", "PATCH", "hw1/action/", "forward"),
    ("fw chain INGRESS append src=10.0.0.1 sport=80", "POST", "fw/chain/INGRESS/append/",
     {"src": "10.0.0.1", "sport": 80}),
    ("fw chain INGRESS reset-counters", "POST", "fw/chain/INGRESS/reset-counters/", {}),
    ("r1 route add 10.0.2.0/24 10.0.1.2", "POST", "r1/route/10.0.2.0%2F24/10.0.1.2/", {}),
    ("lb service 10.0.0.1 80 TCP backend add 1.1.1.1 weight=2", "POST",
     "lb/service/10.0.0.1/80/TCP/backend/1.1.1.1/", {"weight": 2}),
    ("r1 ports p1 secondaryip del fe80::1/64", "DELETE", "r1/ports/p1/secondaryip/fe80::1%2F64/",
     NONE),
    ("x show 'a b?c%d;e,f#é'", "GET", "x/a%20b%3Fc%25d%3Be%2Cf%23%C3%A9/", NONE),
    ("connect br1:p1 veth1", "POST", "connect/", {"peer1": "br1:p1", "peer2": "veth1"}),
    ("disconnect br1:p1 10", "POST", "disconnect/", {"peer1": "br1:p1", "peer2": "10"}),
    ("attach fw1 br1:p1", "POST", "attach/", {"cube": "fw1", "port": "br1:p1"}),
    ("attach fw1 br1:p1 position=first", "POST", "attach/",
     {"cube": "fw1", "port": "br1:p1", "position": "first"}),
    ("attach fw1 br1:p1 after=2", "POST", "attach/",
     {"cube": "fw1", "port": "br1:p1", "after": "2"}),
    ("detach fw1 veth1", "POST", "detach/", {"cube": "fw1", "port": "veth1"}),
    ("version", "GET", "version/", NONE),
    ("cubes", "GET", "cubes/", NONE),
    ("netdevs show", "GET", "netdevs/", NONE),
    ("topology show veth1", "GET", "topology/veth1/", NONE),
    ("topology veth1", "GET", "topology/veth1/", NONE),
    ("services", "GET", "services/", NONE),
    ("services show", "GET", "services/", NONE),
    ("services add type=lib uri=/x.so name=x", "POST", "services/",
     {"type": "lib", "uri": "/x.so", "name": "x"}),
    ("services del x", "DELETE", "services/x/", NONE),
    ("?", "OPTIONS", "?help=NONE", NONE),
    ("br1 ?", "OPTIONS", "br1/?help=NONE", NONE),
    ("br1 ports add ?", "OPTIONS", "br1/ports/?help=ADD", NONE),
    ("br1 set ?", "OPTIONS", "br1/?help=SET", NONE),
    ("br1 show ?", "OPTIONS", "br1/?help=SHOW", NONE),
    ("br1 ports del ?", "OPTIONS", "br1/ports/?help=DEL", NONE),
]  # fmt: skip


@pytest.mark.parametrize(("words", "method", "target", "body"), REQUESTS)
def test_each_line_is_one_request(words: str, method: str, target: str, body: object) -> None:
    request = build(parse(shlex.split(words)))
    assert (request.method, request.target) == (method, target)
    sent = NONE if request.body is None else json.loads(request.body)
    assert sent == body
    assert type(sent) is type(body)


def test_an_argument_that_is_not_utf8_goes_through_byte_by_byte() -> None:
    assert build(parse(["x", "show", "caf\udce9"])).path == "x/caf%E9/"


def test_set_of_one_parameter_goes_to_the_element_when_so_configured() -> None:
    request = build(parse(["br1", "set", "shadow=true"]), single_parameter=False)
    assert (request.path, request.body) == ("br1/", b'{"shadow": true}')


RULES: Json = [{"id": 1}]
MERGED: list[tuple[str, Json, str, Json]] = [
    # (command line, standard input, path, body)
    ("cubes add", RULES, "cubes/", RULES),
    ("simplebridge add br1", {"fdb": {"aging-time": 5}}, "simplebridge/br1/",
     {"fdb": {"aging-time": 5}}),
    ("simplebridge add br1 fdb.size=3 type=tc", {"fdb": {"aging-time": 5}, "type": "xdp"},
     "simplebridge/br1/", {"fdb": {"aging-time": 5, "size": 3}, "type": "tc"}),
    ("fw chain INGRESS batch rules=", RULES, "fw/chain/INGRESS/batch/", {"rules": RULES}),
    ("fw chain INGRESS batch rules=", {"rules": RULES}, "fw/chain/INGRESS/batch/",
     {"rules": RULES}),
    ("dm add x conf.rules=", RULES, "dm/x/", {"conf": {"rules": RULES}}),
    ("dm add x conf= type=tc", {"code": 1}, "dm/x/", {"conf": {"code": 1}, "type": "tc"}),
    ("br1 set", {"shadow": True}, "br1/", {"shadow": True}),
    ("br1 set loglevel=info", {"shadow": True}, "br1/", {"shadow": True, "loglevel": "info"}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "document", "path", "body"), MERGED)
def test_standard_input_is_merged_into_the_body(
    words: str, document: Json, path: str, body: Json
) -> None:
    request = build(parse(words.split()), document)
    assert request.path == path
    assert request.body is not None
    assert json.loads(request.body) == body


NOT_MEANT = """which does not fit this command; \
use < /dev/null if it is not meant for polycubectl"""
ATTACH = "attach CUBE PORT [position=auto|first|last] [after=CUBE] [before=CUBE]"


@pytest.mark.parametrize(
    ("words", "document", "error"),
    [
        ("add", None, "'add' of what? Name a path, as in: polycubectl simplebridge add br1"),
        ("del", None, "'del' of what? Name a path, as in: polycubectl simplebridge del br1"),
        ("set", None, "'set' of what? Name a path, as in: polycubectl simplebridge add br1"),
        ("br1 set", None, "nothing to set; give key=value, or an object on standard input"),
        ("cubes add", None, "nothing to add; give cubes on standard input"),
        ("br1 show peer=x", None, "'show' takes no parameters, but 'peer=…' is given"),
        ("br1 del peer=x", None, "'del' takes no parameters, but 'peer=…' is given"),
        ("connect br1:p1", None, "'connect' is used as: polycubectl connect PORT PEER"),
        ("connect a b c", None, "'connect' is used as: polycubectl connect PORT PEER"),
        ("connect a b position=first", None, "'connect' is used as: polycubectl connect PORT PEER"),
        ("attach fw1 br1:p1 where=first", None, f"'attach' is used as: polycubectl {ATTACH}"),
        (
            "simplebridge add br1",
            "br2 br3",
            f"standard input holds plain text, neither an object nor a list, {NOT_MEANT}",
        ),
        (
            "simplebridge add br1 a=1",
            [1],
            f"standard input holds a list, {NOT_MEANT}",
        ),
        ("br1 set a..b=1", None, "'a..b=': a key is a name, or names joined by dots as in "),
        ("br1 set a=1 a=2", None, "'a=' is given twice"),
        ("br1 set a=1 a.b=2", None, "'a.b=': 'a' already has a value"),
        ("br1 show -dry-run", None, "'-dry-run' is for commands that change something, and this "),
    ],
)
def test_a_line_that_means_no_request_is_refused_with_what_would(
    words: str, document: Json, error: str
) -> None:
    with pytest.raises(UsageError) as caught:
        build(parse(words.split()), document)
    assert str(caught.value).startswith(error)


def test_plain_text_never_fills_an_empty_parameter() -> None:
    with pytest.raises(UsageError, match="holds plain text"):
        build(parse(["br1", "ports", "p1", "set", "peer="]), "p2 p3")


@pytest.mark.parametrize(
    ("words", "takes", "needs"),
    [
        ("cubes add", True, True),
        ("br1 set", True, True),
        ("br1 set a=1", True, False),
        ("simplebridge add br1", True, False),
        ("fw chain INGRESS append", True, False),
        ("br1 show", False, False),
        ("br1 del", False, False),
        ("cubes", False, False),
        ("connect a b", False, False),
        ("attach a b", False, False),
        ("br1 add ?", False, False),
    ],
)
def test_standard_input_is_read_only_where_a_body_fits(
    words: str, *, takes: bool, needs: bool
) -> None:
    line = parse(words.split())
    assert takes_body(line) is takes
    assert (takes and needs_body(line) is needs) or not takes
