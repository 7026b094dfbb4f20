"""Documents against the model."""

import pytest

from polycube_runtime.support import base, errors
from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, List, Service
from polycube_runtime.support.types import Enumeration, Integer, String
from polycube_runtime.support.validate import Mode, entry_path, validate, validate_entry

U8 = Integer(8, signed=False, ranges=((0, 255),))
RULE = List(
    "rule",
    ("src", "port"),
    (
        Leaf("src", String(), attr="rule_src", key=True, mandatory=True),
        Leaf("port", U8, attr="rule_port", key=True, mandatory=True),
        Leaf("action", Enumeration((("DROP", 0), ("PASS", 1))), attr="rule_action", default="PASS"),
        Leaf("note", String(), attr="rule_note", init_only=True),
        Leaf("hits", U8, attr="rule_hits", config=False),
    ),
    attr="rule",
    max_elements=3,
)
APPEND = Action(
    "append",
    attr="append",
    input=Container(
        "input", (Leaf("src", String(), attr="append_input_src", mandatory=True),), attr="a"
    ),
)
SERVICE = Service(
    "demo",
    "standard",
    version="1",
    description="",
    min_kernel="",
    children=(
        base.UUID,
        base.TYPE,
        base.ports(max_elements=2),
        Leaf("level", U8, attr="level", mandatory=True),
        Container(
            "limits",
            (
                Leaf("rate", U8, attr="limits_rate", default=9),
                Leaf("burst", U8, attr="limits_burst"),
            ),
            attr="limits",
        ),
        Container(
            "mirror",
            (Leaf("to", String(), attr="mirror_to", mandatory=True),),
            attr="mirror",
            presence=True,
        ),
        LeafList("tag", String(), attr="tag", max_elements=2),
        LeafList("server", String(), attr="server", default=("a", "b")),
        RULE,
        APPEND,
        Action("flush", attr="flush"),
    ),
)
WHERE = "/demo/d1"


def refused(node, value, mode=Mode.UPDATE) -> list[str]:
    with pytest.raises(errors.PolycubeError) as refusal:
        validate(node, value, mode, WHERE)
    return [str(part) for part in refusal.value.parts]


def test_a_new_cube_has_its_defaults_in_the_order_of_the_model():
    document = validate(SERVICE, {"level": 3, "name": "d1", "type": "xdp_skb"}, Mode.CREATE, WHERE)
    assert list(document.items()) == [
        ("name", "d1"),
        ("type", "XDP_SKB"),
        ("level", 3),
        ("limits", {"rate": 9}),
        ("server", ["a", "b"]),
    ]


def test_an_update_has_what_was_given():
    assert validate(SERVICE, {"limits": {"burst": 1}}, Mode.UPDATE, WHERE) == {
        "limits": {"burst": 1}
    }


def test_what_was_read_can_be_created_again():
    document = {
        "name": "d1",
        "uuid": "not even one",
        "level": 1,
        "rule": [{"src": "a", "port": 1, "hits": 5}],
    }
    created = validate(SERVICE, document, Mode.CREATE, WHERE)
    assert "uuid" not in created
    assert created["rule"] == [{"src": "a", "port": 1, "action": "PASS"}]


@pytest.mark.parametrize(
    ("document", "problems"),
    [
        ([], ["/demo/d1: [] is not an object"]),
        ({"limits": 3}, ["/demo/d1/limits: 3 is not an object"]),
        ({"rule": {}}, ["/demo/d1/rule: {} is not an array of objects"]),
        ({"rule": [4]}, ["/demo/d1/rule: 4 is not an object"]),
        ({"tag": "x"}, ["/demo/d1/tag: 'x' is not an array"]),
        ({"tag": ["x", 4]}, ["/demo/d1/tag/1: 4 is not a string; expected string"]),
        ({"tag": ["x", "x"]}, ["/demo/d1/tag: 'x' is there twice"]),
        ({"tag": ["x", "y", "z"]}, ["/demo/d1/tag: has 3 entries; at most 2 are accepted"]),
        (
            {"limits": {"speed": 1}},
            ["/demo/d1/limits/speed: is not a member here; expected rate, burst"],
        ),
        ({"uuid": "x"}, ["/demo/d1/uuid: is read-only"]),
        ({"type": "TC"}, ["/demo/d1/type: can be set only when its parent is created"]),
        ({"append": {}}, ["/demo/d1/append: is an action: call it with POST"]),
        (
            {"rule": [{"src": "a/b"}]},
            ["/demo/d1/rule/a%2Fb/None/port: is a key and must be given"],
        ),
        (
            {"rule": [{"src": "a", "port": 1}, {"src": "a", "port": 1}]},
            ["/demo/d1/rule/a/1: is there twice"],
        ),
        (
            {"rule": [{"src": "a", "port": 1, "note": "x", "hits": 1}]},
            [
                "/demo/d1/rule/a/1/note: can be set only when its parent is created",
                "/demo/d1/rule/a/1/hits: is read-only",
            ],
        ),
        (
            {"level": 300, "limits": {"rate": "x"}},
            [
                "/demo/d1/level: 300 is out of range; expected integer 0..255",
                "/demo/d1/limits/rate: 'x' is not an integer; expected integer 0..255",
            ],
        ),
        (
            {"ports": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
            ["/demo/d1/ports: has 3 entries; at most 2 are accepted"],
        ),
    ],
)
def test_everything_wrong_is_told_with_its_path(document, problems):
    assert refused(SERVICE, document) == problems


def test_what_is_mandatory_must_be_given_at_creation_only():
    assert refused(SERVICE, {"name": "d1"}, Mode.CREATE) == [
        "/demo/d1/level: is mandatory; expected integer 0..255"
    ]
    assert validate(SERVICE, {}, Mode.UPDATE, WHERE) == {}


def test_a_container_with_presence_is_not_there_unless_given():
    created = validate(SERVICE, {"name": "d1", "level": 1}, Mode.CREATE, WHERE)
    assert "mirror" not in created
    given = {"name": "d1", "level": 1, "mirror": {}}
    assert refused(SERVICE, given, Mode.CREATE) == [
        "/demo/d1/mirror/to: is mandatory; expected string"
    ]


def test_a_list_that_needs_entries_needs_them_at_creation():
    node = List("l", ("k",), RULE.children, attr="l", min_elements=1)
    service = Service("s", "standard", version="", description="", min_kernel="", children=(node,))
    assert refused(service, {"name": "d1"}, Mode.CREATE) == [
        "/demo/d1/l: has 0 entries; at least 1 are needed"
    ]


def test_an_entry_is_named_by_its_keys():
    entry = {"src": "10.0.0.0/8", "port": 1}
    assert entry_path("/demo/d1/rule", RULE, entry) == "/demo/d1/rule/10.0.0.0%2F8/1"
    with pytest.raises(errors.InvalidValue, match=r"^/here/action: 'x' is not a value"):
        validate_entry(RULE, entry | {"action": "x"}, Mode.CREATE, "/here")
    assert validate_entry(RULE, entry, Mode.CREATE, "/here")["action"] == "PASS"


def test_a_leaf_is_validated_by_itself():
    assert validate(RULE.by_name["action"], "drop", Mode.UPDATE, WHERE) == "DROP"


def test_an_action_takes_its_input():
    assert validate(APPEND, {"src": "a"}, Mode.CREATE, WHERE) == {"src": "a"}
    assert refused(APPEND, None, Mode.CREATE) == ["/demo/d1/src: is mandatory; expected string"]
    assert validate(SERVICE["flush"], None, Mode.CREATE, WHERE) is None
    assert refused(SERVICE["flush"], {"x": 1}, Mode.CREATE) == ["/demo/d1: takes no input"]


@pytest.mark.parametrize("name", ["a:b", "a/b", "", " ", ".hidden", "a b"])
def test_a_cube_has_a_name_that_urls_and_peers_can_have(name):
    with pytest.raises(errors.InvalidValue, match=r"^/demo/d1/name"):
        validate(SERVICE, {"name": name, "level": 1}, Mode.CREATE, WHERE)


def test_several_errors_answer_as_the_first():
    with pytest.raises(errors.Errors) as refusal:
        validate(SERVICE, {"level": "x", "limits": []}, Mode.UPDATE, WHERE)
    assert (refusal.value.status, refusal.value.tag) == (400, "invalid-value")
    assert [type(part) for part in refusal.value.parts] == [errors.InvalidValue, errors.BadElement]


def test_ten_thousand_entries_are_one_pass():
    node = List("rule", RULE.keys, RULE.children, attr="rule")
    entries = [{"src": f"h{number}", "port": number % 256} for number in range(10_000)]
    assert len(validate(node, entries, Mode.CREATE, "/x")) == 10_000
