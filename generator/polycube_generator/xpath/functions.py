"""The functions of XPath 1.0 and YANG 1.1, compiled."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import identities, ir, types
from polycube_generator.xpath.expressions import Focus, Value
from polycube_generator.xpath.flows import ROOT, Flow, is_atomic, quote
from polycube_generator.xpath.parser import Call, Expression, Literal, Path

if TYPE_CHECKING:
    from collections.abc import Callable

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
        return Value("num", _NUMBERS[name].format(compiler.number(value)))
    known = _KNOWN.get(name)
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


def _nodes(compiler: Compiler, argument: Expression, focus: Focus, name: str) -> Value:
    value = compiler.value(argument, focus)
    if value.kind != "nodes":
        compiler.refuse(f"{name}() takes a set of nodes")
    return value


def _distinct(compiler: Compiler, value: Value) -> Value:
    """Refuse a set that is made of several of one list: a node may be in more than one of them."""
    nodes = [flow.spot.node for flow in value.flows]
    if twice := next((node for node in nodes if node is not None and nodes.count(node) > 1), None):
        compiler.refuse(f"{twice.arg} is reached in two ways, and may be counted twice")
    return value


def _of_type(compiler: Compiler, value: Value, *kinds: type[ir.Type]) -> Value:
    """Return those of the nodes that are leaves of some type, or may be, as in a union."""
    return replace(
        value,
        flows=tuple(
            flow
            for flow in value.flows
            if (node := flow.spot.node) is not None
            and node.keyword in {"leaf", "leaf-list"}
            and isinstance(
                ir.concrete(types.resolve(node, addresses=compiler.addresses)), (*kinds, ir.Union)
            )
        ),
    )


def _current(compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("nodes", flows=(Flow(compiler.origin),))


def _boolean(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("bool", compiler.truth(compiler.value(arguments[0], focus)))


def _not(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    code = compiler.truth(compiler.value(arguments[0], focus))
    if code in {"True", "False"}:
        return Value("bool", "False" if code == "True" else "True")
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
    return Value("num", compiler.number(_own(compiler, arguments, focus)))


def _concat(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    parts = [compiler.text(compiler.value(argument, focus)) for argument in arguments]
    return Value("text", f"({' + '.join(map(_operand, parts))})")


def _length(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("num", f"len({compiler.text(_own(compiler, arguments, focus))})")


def _normalize(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    return Value("text", f"normalized({compiler.text(_own(compiler, arguments, focus))})")


def _substring(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    text, *numbers = (compiler.value(argument, focus) for argument in arguments)
    parts = [compiler.text(text), *(compiler.number(number) for number in numbers)]
    return Value("text", f"substring({', '.join(parts)})")


def _count(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _distinct(compiler, _nodes(compiler, arguments[0], focus, "count"))
    parts = []
    for flow in value.flows:
        if known := compiler.cached("count", flow):
            parts.append(known)
        else:
            parts.append(f"count({compiler.each(flow, flow.existing)})")
    return Value("num", " + ".join(parts) or "0")


def _sum(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _distinct(compiler, _nodes(compiler, arguments[0], focus, "sum"))
    return Value("num", f"total({compiler.all(value)})")


def _position(_compiler: Compiler, _arguments: Arguments, focus: Focus) -> Value:
    return Value("num", focus.position)


def _last(_compiler: Compiler, _arguments: Arguments, focus: Focus) -> Value:
    return Value("num", focus.last)


def _name(of: Callable[[Flow], str]) -> Callable[[Compiler, Arguments, Focus], Value]:
    def make(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
        value = _own(compiler, arguments, focus)
        if value.kind != "nodes" or len(value.flows) > 1:
            compiler.refuse("the name of one of several nodes is not supported")
        if not value.flows:
            return Value("text", '""', constant="")
        (flow,) = value.flows
        code = quote(of(flow))
        if not flow.clauses and flow.spot == focus.spot:
            return Value("text", code)
        return Value("text", f'({code} if {compiler.truth(value)} else "")')

    return make


def _local(flow: Flow) -> str:
    return str(flow.spot.node.arg) if flow.spot.node is not None else ""


def _prefixed(flow: Flow) -> str:
    node = flow.spot.node
    return f"{node.i_module.i_prefix}:{node.arg}" if node is not None else ""


def _namespace(flow: Flow) -> str:
    node = flow.spot.node
    found = None if node is None else node.i_module.search_one("namespace")
    return "" if found is None else str(found.arg)


def _deref(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _nodes(compiler, arguments[0], focus, "deref")
    flows: list[Flow] = []
    for flow in value.flows:
        node = flow.spot.node
        if node is None or node.keyword not in {"leaf", "leaf-list"}:
            compiler.refuse("deref() takes a leafref")
        chain = types.chain_of(node.search_one("type"))
        if chain[-1].arg != "leafref":
            compiler.refuse("deref() of anything but a leafref is not supported")
        flows += _targets(compiler, flow, types.path_statement(chain))
    return Value("nodes", flows=tuple(flows))


def _targets(compiler: Compiler, flow: Flow, path: types.Statement) -> list[Flow]:
    """Return the nodes that a leafref refers to: those at its path that have its value."""
    from polycube_generator.xpath.parser import Operation, Step, parse  # noqa: PLC0415
    from polycube_generator.xpath.scope import Scope  # noqa: PLC0415

    expression = parse(path)
    if not isinstance(expression, Path):
        compiler.refuse(f"{path.arg!r} is no path")
    inner = replace(compiler, scope=Scope(flow.spot.node, path))
    if not re.fullmatch(r"\w+", flow.value):
        variable = compiler.variable()
        flow = flow.bind(variable)
    marker = Call("$", (Literal(flow.value),))
    *steps, last = expression.steps
    if steps and steps[-1].axis == "child":
        equal = Operation(
            "=", Path(absolute=False, start=None, steps=(Step("child", last.test),)), marker
        )
        steps[-1] = replace(steps[-1], predicates=(*steps[-1].predicates, equal))
    inner.variables = compiler.variables
    focus = Focus(flow.spot)
    current = Flow(flow.spot, flow.clauses)
    found = [Flow(ROOT, flow.clauses)] if expression.absolute else [current]
    for step in (*steps, last):
        found = [result for one in found for result in inner.step(one, step)]
    compiler.variables = inner.variables
    del focus
    if not (steps and steps[-1].axis == "child"):
        found = [one.where(f"same({one.value}, {flow.value})") for one in found]
    return found


def _marked(_compiler: Compiler, arguments: Arguments, _focus: Focus) -> Value:
    """Return what is in a variable already; only ``_targets`` makes such a call."""
    (literal,) = arguments
    assert isinstance(literal, Literal)  # noqa: S101
    return Value("text", f"text({literal.value})")


def _re_match(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    text, pattern = arguments
    if not isinstance(pattern, Literal):
        compiler.refuse("the pattern of re-match() must be a literal")
    subject = compiler.text(compiler.value(text, focus))
    return Value("bool", f"matches({subject}, {quote(compiler.pattern(pattern.value))})")


def _derived(*, own: bool) -> Callable[[Compiler, Arguments, Focus], Value]:
    def make(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
        value = _nodes(compiler, arguments[0], focus, "derived-from")
        nodes = _of_type(compiler, value, ir.Identityref)
        if not isinstance(arguments[1], Literal):
            compiler.refuse("the identity of derived-from() must be a literal")
        name = compiler.scope.qualified(arguments[1].value)
        found = set(identities.derived_by_name(compiler.scope.statement, name))
        if own:
            found.add(name)
        if not found:
            return Value("bool", "False")
        known = "{" + ", ".join(map(quote, sorted(found))) + "}"
        if len(found) == 1:
            return Value("bool", compiler.some(nodes, lambda item: f"{item} == {known[1:-1]}"))
        helper = compiler.helper("names", "", known)
        return Value("bool", compiler.some(nodes, lambda item: f"{item} in {helper}"))

    return make


def _enum_value(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _nodes(compiler, arguments[0], focus, "enum-value")
    codes = []
    for flow in value.flows:
        node = flow.spot.node
        type_ = (
            None
            if node is None or node.keyword not in {"leaf", "leaf-list"}
            else ir.concrete(types.resolve(node, addresses=compiler.addresses))
        )
        if isinstance(type_, ir.Enumeration):
            pairs = ", ".join(f"{quote(one.name)}: {one.value}" for one in type_.values)
            item = flow.value if not flow.clauses else f"first({compiler.each(flow, flow.value)})"
            codes.append(f"enum_value({item}, {{{pairs}}})")
    if len(codes) > 1:
        compiler.refuse("enum-value() of one of several leaves is not supported")
    return Value("num", codes[0] if codes else "NAN")


def _bit(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _nodes(compiler, arguments[0], focus, "bit-is-set")
    name = compiler.text(compiler.value(arguments[1], focus))
    value = _of_type(compiler, value, ir.Bits)
    if not value.flows:
        return Value("bool", "False")
    item = flow.value if (flow := value.single) else f"first({compiler.all(value)})"
    return Value("bool", f"bit_is_set({item}, {name})")


def _id(_compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("nodes")  # no YANG data has identifiers that a DTD declares


def _lang(_compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("bool", "False")  # no YANG data says what language it is in


def _operand(code: str) -> str:
    return code if is_atomic(code) else f"({code})"


_KNOWN: dict[str, tuple[int, int, Callable[[Compiler, Arguments, Focus], Value]]] = {
    "$": (1, 1, _marked),
    "bit-is-set": (2, 2, _bit),
    "boolean": (1, 1, _boolean),
    "concat": (2, 99, _concat),
    "count": (1, 1, _count),
    "current": (0, 0, _current),
    "deref": (1, 1, _deref),
    "derived-from": (2, 2, _derived(own=False)),
    "derived-from-or-self": (2, 2, _derived(own=True)),
    "enum-value": (1, 1, _enum_value),
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
    "re-match": (2, 2, _re_match),
    "string": (0, 1, _string),
    "string-length": (0, 1, _length),
    "substring": (2, 3, _substring),
    "sum": (1, 1, _sum),
    "true": (0, 0, lambda *_: Value("bool", "True")),
}
