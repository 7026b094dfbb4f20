"""Filters of notifications (RFC 8040, section 4.8.4): XPath 1.0, held against libxml2."""

import os
import random
import sys
import time

import pytest
from lxml import etree

from polycube_runtime.rest.restconf import filternodes
from polycube_runtime.rest.restconf.filtering import Filter
from polycube_runtime.support.errors import InvalidValue

CHANGE = "ietf-netconf-notifications:netconf-config-change"
BRIDGE = "/simplebridge:simplebridge[name='br1']"
EVENT = {
    CHANGE: {
        "changed-by": {"server": [None]},
        "datastore": "running",
        "edit": [
            {"target": f"{BRIDGE}/loglevel", "operation": "replace"},
            {"target": f"{BRIDGE}/ports[name='p1']", "operation": "create"},
        ],
        "plus:level": "18446744073709551615",
        "plus:number": 4,
        "plus:tag": ["a", "b"],
        "plus:on": True,
    }
}
TRUE = [
    f"/{CHANGE}", f"//{CHANGE}", "/netconf-config-change", "/*", "/ietf-netconf-notifications:*",
    "/nothing | /*", "/*/edit", "/*/edit/operation", "//operation='create'", "/*/plus:level",
    "/*/edit[operation='create']/target", "/*/edit[2]/operation = 'create'", "/*/edit[last()]",
    "/*/edit[position() = 1][operation = 'replace']", "not(/nothing)", "count(/*/edit) = 2",
    "/*/edit[contains(target, 'ports')]", "/*/number <= 4", "/*/number*2 = 8", "4 = /*/number",
    "/*/number > 3 and /*/number < 5", "(/*/edit)[1]/operation='replace'",
    "/*/datastore='running'", "starts-with(/*/edit/target, '/simplebridge:')", "/*/tag = 'b'",
    "/*/tag != 'b'", "/*/changed-by/server", "string(/*/changed-by/server) = ''",
    "/*/on = 'true'", "/*/on", "//edit/../datastore", "//target/ancestor::netconf-config-change",
    "/descendant::operation", "//edit[self::edit]", "/*/edit[../number = 4]",
    "local-name(/*) = 'netconf-config-change'", f"name(/*) = '{CHANGE}'", "1", "true()", "'x'",
    "/", "-1", "7 mod 3 = 1", "1 div 0 > 5", "sum(/*/number) = 4",
    "floor(1.5) + ceiling(1.5) = 3", "round(2.5) = 3", "--1 = 1", "- - -1 = -1",
    "concat('a', 'b', 1) = 'ab1'", "substring('12345', 2, 3) = '234'",
    "substring('12345', 2) = '2345'", "substring-before('a=b', '=') = 'a'",
    "substring-after('a=b', '=') = 'b'", "translate('bar', 'abc', 'AB') = 'BAr'",
    "normalize-space('  a  b ') = 'a b'", "string-length('abc') = 3", "number('4') = /*/number",
    "boolean('x')", "false() = (1 = 2)", "/*/edit[operation = 'create' or operation = 'delete']",
    "/*[edit]/edit", "//node()", "/*/./edit", "/*/child::edit/child::operation", "self::node()",
    "/*/edit/operation != 'create'", "/*/datastore/text() = 'running'", "/*/number - 1 = 3",
    "/*/*[. = 'running']", "//*[starts-with(local-name(), 'chang')]",
]  # fmt: skip
FALSE = [
    "/other:netconf-config-change", "/edit", "/*/edit[3]", "/*/edit[operation='delete']",
    "/nothing", "false()", "0", "''", "not(1)", "/*/number > 4", "/*/nothing = ''",
    "/*/nothing != 'x'", "count(//nothing)", "/*/tag = 'c'", "1 = 2 or 2 = 3", "1 and 0",
    "/*/edit/text()", "0 div 0", "number('x') = number('x')", "/plus:*", "/..", "/*/edit[0]",
    "/*/edit[1][operation='create']", "/*/datastore = 'running' and /*/number = 5",
    "string(/nothing)", "'a' < 'b'", "/eventTime",
]  # fmt: skip
WRONG = [
    "", " ", "/*[", "/*]", "(", ")", "()", "/*/", "//", "a b", "a/", "=", "1 =", "= 1", "$x",
    "@a", "/*/@a", "foo()", "count()", "count(1)", "count('a')", "not()", "not(1, 2)", "true(1)",
    "'a", "following-sibling::a", "attribute::a", "a::b", "child::", "1[1]", "'a'/b", "1 | 2",
    "a | 1", "a:b:c", "a[1", "concat('a')", "(" * 60 + "1" + ")" * 60, "[" * 60, "a" * 5000, "#",
    "\0", "é", "current()", "a,b", "..:a", "node(", "text(1)", "child::..", "self::.", "a!b",
    "1 ! 2", "&amp;",
]  # fmt: skip


@pytest.mark.parametrize("expression", TRUE)
def test_what_is_wanted_is_taken(expression):
    assert Filter(expression).takes(EVENT)


@pytest.mark.parametrize("expression", FALSE)
def test_what_is_not_wanted_is_left_out(expression):
    assert not Filter(expression).takes(EVENT)


@pytest.mark.parametrize("expression", WRONG)
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(InvalidValue, match="is no XPath expression for 'filter'"):
        Filter(expression)


@pytest.mark.parametrize("seed", range(20))
def test_no_text_breaks_it(seed):
    drawn = random.Random(seed)  # noqa: S311 (no secret)
    words = [
        "/", "//", "*", "edit", "(", ")", "[", "]", "1", "'a'", "and", "=", "count(", "..", ".",
        "|", "-", "::", "child", ",", "plus:level", "not(", "<",
    ]  # fmt: skip
    for _ in range(300):
        expression = " ".join(drawn.choice(words) for _ in range(drawn.randint(1, 9)))
        try:
            assert Filter(expression).takes(EVENT) in {True, False}
        except InvalidValue:
            continue


DOCUMENT = {
    "a": {
        "b": [{"c": "x", "d": "3"}, {"c": "y", "d": "10", "b": {"c": "x"}}, {"e": [None]}],
        "c": ["x", "z"],
        "d": {"d": "2.50"},
    }
}


def as_xml(name: str, value: object) -> etree._Element:
    found = etree.Element(name)
    for member, inner in value.items() if isinstance(value, dict) else ():
        found.extend(as_xml(member, one) for one in (inner if isinstance(inner, list) else [inner]))
    if isinstance(value, str):
        found.text = value
    return found


class Expressions:
    """Draws expressions of every kind that is known."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret)

    def path(self, depth: int) -> str:
        start = self.random.choice(["/", "//", "", "/a/", "/a/b/", ""])
        steps = [self.step(depth) for _ in range(self.random.randint(1, 3))]
        return start + self.random.choice(["/", "/", "//"]).join(steps)

    def step(self, depth: int) -> str:
        axis = self.random.choice([
            "", "", "", "", "child::", "descendant::", "ancestor::", "self::", "parent::",
            "descendant-or-self::", "ancestor-or-self::",
        ])  # fmt: skip
        step = axis + self.random.choice("abcde*")
        if self.random.random() < 0.15:
            step = self.random.choice([".", "..", "node()", "text()"])
        if depth < 3 and step not in {".", ".."} and self.random.random() < 0.4:
            step += f"[{self.any(depth + 1)}]"
        return step

    def any(self, depth: int) -> str:
        draw = self.random.choice
        kind = self.random.random() + depth / 10
        if kind > 0.9:
            return draw([
                "1", "2", "'x'", "3", "10", "2.5", "position()", "last()", "''", "true()",
            ])  # fmt: skip
        one = self.path(depth)
        if kind < 0.25:
            return one
        other = self.any(depth + 1)
        return draw([
            f"{one} = {other}", f"{one} != {other}", f"{one} < {other}", f"{one} >= {other}",
            f"({one} | {self.path(depth)})", f"({one})[{draw('12')}]", f"count({one})",
            f"not({other})", f"{one} and {other}", f"{one} or {other}", f"string({other})",
            f"contains({one}, {other})", f"number({one}) + 1", f"local-name({one})",
            f"({one} | {self.path(depth)})/*", f"sum({one}) * 2", f"string-length({one})",
            f"- {one}", f"{one} mod 3", f"{one} div 0", f"concat({one}, {other})",
            f"starts-with({one}, {other})", f"boolean({one}) = {other}", f"floor({one})",
            f"round({one})", f"translate({one}, 'xy', 'ab')", f"substring({one}, 1, 2)",
            f"normalize-space({one}) = {other}",
        ])  # fmt: skip


@pytest.mark.parametrize("seed", range(int(os.environ.get("POLYCUBE_FUZZ_SEEDS", "20"))))
def test_it_agrees_with_libxml2(seed, monkeypatch):
    monkeypatch.setattr(filternodes, "_VISITS", 10**8)
    tree = as_xml("a", DOCUMENT["a"]).getroottree()
    drawn = Expressions(seed)
    for _ in range(100):
        expression = drawn.any(0)
        whole = f"boolean(/*[boolean({expression})])"  # the context of both is the element
        assert Filter(whole).takes(DOCUMENT) is etree.XPath(whole)(tree), expression


@pytest.mark.parametrize(
    "expression",
    [
        "count(//edit[count(//edit[count(//edit) > 1]) > 1]) > 1",
        "//*[contains(string(/), 'nothing')]",
        "//edit[target = //edit/operation]",
        "//edit[target < //edit/target and //edit/target < //edit/target]",
    ],
)
def test_an_expression_that_costs_too_much_is_given_up_and_nothing_lost(expression):
    edits = [{"target": f"/a:a[name='{n}']", "operation": "create"} for n in range(5000)]
    begun = time.perf_counter()
    assert Filter(expression).takes({CHANGE: {"edit": edits}})
    assert time.perf_counter() - begun < 5


def test_what_is_deep_is_no_problem():
    deep: dict = {}
    for _ in range(90):
        deep = {"a": deep}
    assert Filter("//a[not(a)]").takes({"m:a": deep})
    for _ in range(sys.getrecursionlimit()):
        deep = {"a": deep}
    assert Filter("string(/) = 'x'").takes({"m:a": deep}), "nothing is lost"


@pytest.mark.parametrize("link", ["+1", "|a", "/a", "//a", "[1]", "=1", " or a", "[a", "+(a"])
def test_expressions_are_only_so_long_as_they_can_be_evaluated(link):
    if link in {"[a", "+(a"}:
        closing = "]" if link == "[a" else ")"
        expressions = ["a" + link * count + closing * count for count in (45, 60)]
    else:
        expressions = ["a" + link * count for count in (90, 1000)]
    assert not Filter(expressions[0]).takes({"m:b": {}})
    with pytest.raises(InvalidValue):
        Filter(expressions[1])
