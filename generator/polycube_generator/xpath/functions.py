"""The functions of XPath 1.0, compiled; those of YANG are in ``yang``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_generator.xpath import yang
from polycube_generator.xpath.expressions import Focus, Value
from polycube_generator.xpath.flows import Flow, is_atomic, quote
from polycube_generator.xpath.parser import Call, Expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_generator import types
    from polycube_generator.xpath.compiler import Compiler

_TEXTS = {
    "starts-with": ("bool", "{0}.startswith({1})"),
    "contains": ("bool", "{1} in {0}"),
    "substring-before": ("text", "before({0}, {1})"),
    "substring-after": ("text", "after({0}, {1})"),
    "translate": ("text", "translate({0}, {1}, {2})"),
}
_NUMBERS = {"floor": "floor({0})", "ceiling": "ceiling({0})", "round": "rounded({0})"}


def call(compiler: Compiler, expression: Call, focus: Focus) -> Value:
    """Return what a call yields."""
    name, arguments = expression.name, expression.arguments
    if name in _TEXTS:
        kind, template = _TEXTS[name]
        count = 3 if "{2}" in template else 2
        parts = [
            _operand(compiler.text(value))
            for value in _values(compiler, expression, focus, count, count)
        ]
        return Value(kind, template.format(*parts))
    if name in _NUMBERS:
        (value,) = _values(compiler, expression, focus, 1, 1)
        return Value("num", _NUMBERS[name].format(compiler.number(value).code))
    known = _KNOWN.get(name) or yang.KNOWN.get(name)
    if known is None:
        compiler.refuse(f"there is no function {name}()")
    least, most, make = known
    if not least <= len(arguments) <= most:
        compiler.refuse(f"{name}() does not take {len(arguments)} arguments")
    return make(compiler, arguments, focus)


def _values(
    compiler: Compiler, expression: Call, focus: Focus, least: int, most: int
) -> list[Value]:
    if not least <= len(expression.arguments) <= most:
        compiler.refuse(f"{expression.name}() takes {least} arguments")
    return [compiler.value(argument, focus) for argument in expression.arguments]


Arguments = tuple[Expression, ...]


def _own(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    """Return the argument, or the context node if there is none."""
    if arguments:
        return compiler.value(arguments[0], focus)
    return Value("nodes", flows=(Flow(focus.spot),))


def nodes_of(compiler: Compiler, argument: Expression, focus: Focus, name: str) -> Value:
    """Return an argument that must be a set of nodes."""
    value = compiler.value(argument, focus)
    if value.kind != "nodes":
        compiler.refuse(f"{name}() takes a set of nodes")
    return value


def _boolean(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("bool", compiler.truth(compiler.value(arguments[0], focus)))


def _not(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    code = compiler.truth(compiler.value(arguments[0], focus))
    if code in {"True", "False"}:
        return Value("bool", "False" if code == "True" else "True")
    if code.startswith("bool(") and is_atomic(code):
        return Value("bool", f"not {code.removeprefix('bool(')[:-1]}")
    if (
        re.fullmatch(r"[\w.()\", -]+ is not None", code)
        and " or " not in code
        and " and " not in code
    ):
        return Value("bool", code.replace(" is not None", " is None"))
    return Value("bool", f"not {code}" if is_atomic(code) else f"not ({code})")


def _string(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("text", compiler.text(_own(compiler, arguments, focus)))


def _number(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return compiler.number(_own(compiler, arguments, focus))


def _concat(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    values = [compiler.value(argument, focus) for argument in arguments]
    if None not in (constants := [value.constant for value in values]):
        text = "".join(filter(None, constants))
        return Value("text", quote(text), constant=text)
    return Value("text", f"({' + '.join(_operand(compiler.text(value)) for value in values)})")


def _length(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("num", f"len({compiler.text(_own(compiler, arguments, focus))})", whole=True)


def _normalize(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("text", f"normalized({compiler.text(_own(compiler, arguments, focus))})")


def _substring(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    text, *numbers = (compiler.value(argument, focus) for argument in arguments)
    parts = [compiler.text(text), *(compiler.number(number).code for number in numbers)]
    return Value("text", f"substring({', '.join(parts)})")


def _count(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = nodes_of(compiler, arguments[0], focus, "count")
    parts = [part for flows in _by_node(value) for part in _counts(compiler, flows)]
    return Value("num", " + ".join(parts) or "0", whole=True)


def _by_node(value: Value) -> list[list[Flow]]:
    """Return the sets of nodes by what they are in the schema."""
    found: dict[types.Statement, list[Flow]] = {}
    for flow in value.flows:
        found.setdefault(flow.spot.node, []).append(flow)
    return list(found.values())


def _are_apart(flows: list[Flow]) -> bool:
    """Tell whether no node is in two of several sets, or in one of them twice."""
    same = len(flows) == 1 or (flows[0].part and len({flow.part for flow in flows}) == 1)
    return bool(same) and not any(flow.repeats for flow in flows)


def _counts(compiler: Compiler, flows: list[Flow]) -> list[str]:
    """Return numbers whose sum is how many nodes of one node of the schema there are."""
    if _are_apart(flows):
        return [_counted(compiler, flow) for flow in flows]
    node = flows[0].spot.node
    if node is None or node.keyword != "list":
        name = "the root" if node is None else node.arg
        compiler.refuse(f"{name} is reached in two ways, and may be counted twice")
    nodes = ", ".join(compiler.each(flow, flow.value) for flow in flows)
    return [f"count(distinct(chain({nodes})))"]


def _counted(compiler: Compiler, flow: Flow) -> str:
    """Return how many nodes there are."""
    if len(flow.clauses) == 1 and (loop := re.fullmatch(r"for (\w+) in (.*)", flow.clauses[0])):
        variable, rows = loop.groups()
        if flow.existing == variable and not rows.startswith("implied("):
            return f"len({rows})"
    code = compiler.called("count", flow, flow.existing)
    return (flow.loops and compiler.shared("count", code)) or code


def _sum(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = nodes_of(compiler, arguments[0], focus, "sum")
    if not all(map(_are_apart, _by_node(value))):
        compiler.refuse("a node is reached in two ways, and may be added twice")
    parts = [_total(compiler, flow) for flow in value.flows]
    return Value("num", " + ".join(parts) or "0.0")


def _total(compiler: Compiler, flow: Flow) -> str:
    """Return the sum of the nodes of one node of the schema."""
    code = compiler.called("total", flow, flow.content)
    return (flow.loops and compiler.shared("sum", code)) or code


def _position(_compiler: Compiler, _arguments: Arguments, focus: Focus) -> Value:
    return Value("num", focus.position, whole=True)


def _last(_compiler: Compiler, _arguments: Arguments, focus: Focus) -> Value:
    return Value("num", focus.last, whole=True)


def _name(of: Callable[[Flow], str]) -> Callable[[Compiler, Arguments, Focus], Value]:
    def make(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
        value = _own(compiler, arguments, focus)
        if value.kind != "nodes":
            compiler.refuse("only nodes have names")
        names = {of(flow) for flow in value.flows}
        if len(names) > 1:
            compiler.refuse("the name of the first of several nodes, which have no order")
        code = quote(names.pop() if names else "")
        if code == '""':
            return Value("text", code, constant="")
        flow = value.flows[0]
        if len(value.flows) == 1 and not flow.clauses and flow.spot == focus.spot:
            return Value("text", code)
        return Value("text", f'({code} if {compiler.truth(value)} else "")')

    return make


def _local(flow: Flow) -> str:
    return str(flow.spot.node.arg) if flow.spot.node is not None else ""


def _prefixed(flow: Flow) -> str:
    node = flow.spot.node
    return f"{node.i_module.i_prefix}:{node.arg}" if node is not None and node.arg else ""


def _namespace(flow: Flow) -> str:
    node = flow.spot.node
    if node is None or not node.arg:
        return ""
    found = node.i_module.search_one("namespace")
    return "" if found is None else str(found.arg)


def _id(_compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("nodes")  # no YANG data has identifiers that a DTD declares


def _lang(_compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("bool", "False")  # no YANG data says what language it is in


def _operand(code: str) -> str:
    return code if is_atomic(code) else f"({code})"


_KNOWN: dict[str, tuple[int, int, Callable[[Compiler, Arguments, Focus], Value]]] = {
    "boolean": (1, 1, _boolean),
    "concat": (2, 99, _concat),
    "count": (1, 1, _count),
    "false": (0, 0, lambda *_: Value("bool", "False")),
    "id": (1, 1, _id),
    "lang": (1, 1, _lang),
    "last": (0, 0, _last),
    "local-name": (0, 1, _name(_local)),
    "name": (0, 1, _name(_prefixed)),
    "namespace-uri": (0, 1, _name(_namespace)),
    "normalize-space": (0, 1, _normalize),
    "not": (1, 1, _not),
    "number": (0, 1, _number),
    "position": (0, 0, _position),
    "string": (0, 1, _string),
    "string-length": (0, 1, _length),
    "substring": (2, 3, _substring),
    "sum": (1, 1, _sum),
    "true": (0, 0, lambda *_: Value("bool", "True")),
}
