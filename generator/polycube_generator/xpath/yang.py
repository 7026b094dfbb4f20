"""The functions that YANG 1.1 adds to XPath (RFC 7950, section 10), compiled."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import identities, ir, types
from polycube_generator.xpath import axes, comparisons
from polycube_generator.xpath.expressions import Value
from polycube_generator.xpath.flows import ROOT, Flow, quote
from polycube_generator.xpath.parser import Call, Expression, Literal, Operation, Path, Step, parse
from polycube_generator.xpath.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_generator.xpath.compiler import Compiler
    from polycube_generator.xpath.expressions import Focus

Arguments = tuple[Expression, ...]


def _nodes(compiler: Compiler, argument: Expression, focus: Focus, name: str) -> Value:
    value = compiler.value(argument, focus)
    if value.kind != "nodes":
        compiler.refuse(f"{name}() takes a set of nodes")
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
            and isinstance(types.concrete(node, addresses=compiler.addresses), (*kinds, ir.Union))
        ),
    )


def _current(compiler: Compiler, _arguments: Arguments, _focus: Focus) -> Value:
    return Value("nodes", flows=(Flow(compiler.origin),))


def _deref(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _nodes(compiler, arguments[0], focus, "deref")
    return Value(
        "nodes", flows=tuple(one for flow in value.flows for one in _referred(compiler, flow))
    )


def _referred(compiler: Compiler, flow: Flow) -> Iterator[Flow]:
    """Yield the nodes that a leaf refers to.

    A union of leafrefs refers by the first of its members that leads to something.
    """
    node = flow.spot.node
    if node is None or node.keyword not in {"leaf", "leaf-list"}:
        compiler.refuse("deref() takes a leafref")
    if not re.fullmatch(r"\w+", flow.value):
        flow = flow.bind(compiler.variable())
    earlier: list[Flow] = []
    for path in _paths(compiler, node.search_one("type")):
        found = _targets(compiler, flow, path)
        start = len(flow.clauses)
        alone = [replace(one, clauses=one.clauses[start:]) for one in found]
        if earlier:
            none = f"if not ({compiler.truth(Value('nodes', flows=tuple(earlier)))})"
            found = [
                replace(one, clauses=(*flow.clauses, none, *one.clauses[start:])) for one in found
            ]
        yield from found
        earlier += alone


def _paths(compiler: Compiler, type_: types.Statement) -> list[types.Statement]:
    """Return the paths of a leafref, or of the leafrefs that a union begins with."""
    chain = types.chain_of(type_)
    kind = chain[-1].arg
    if kind == "leafref":
        return [types.path_statement(chain)]
    if kind == "instance-identifier":
        compiler.refuse("deref() of an instance-identifier leads to what only data says")
    if kind != "union":
        compiler.refuse(f"deref() takes a leafref, not a leaf of type {kind}")
    members = next(one.search("type") for one in chain if one.search("type"))
    kinds = [types.chain_of(member)[-1].arg for member in members]
    count = kinds.count("leafref")
    if not count or kinds.index("leafref") or "leafref" in kinds[count:]:
        compiler.refuse("deref() of a union takes leafrefs that come before all other types")
    return [path for member in members[:count] for path in _paths(compiler, member)]


def _targets(compiler: Compiler, flow: Flow, path: types.Statement) -> list[Flow]:
    """Return the nodes that a leafref refers to: those at its path that have its value."""
    expression = parse(path)
    if not isinstance(expression, Path):
        compiler.refuse(f"{path.arg!r} is no path")
    inner = replace(compiler, scope=Scope(flow.spot.node, path))
    marker = Call("$", (Literal(flow.value),))
    *steps, last = expression.steps
    if steps and steps[-1].axis == "child":
        equal = Operation(
            "=", Path(absolute=False, start=None, steps=(Step("child", last.test),)), marker
        )
        steps[-1] = replace(steps[-1], predicates=(*steps[-1].predicates, equal))
    inner.variables = compiler.variables
    found = [Flow(ROOT, flow.clauses) if expression.absolute else flow]
    for step in (*steps, last):
        found = [result for one in found for result in axes.step(inner, one, step)]
    compiler.variables = inner.variables
    if not (steps and steps[-1].axis == "child"):
        found = [one.where(f"same({one.value}, {flow.value})") for one in found]
    return found


def _marked(_compiler: Compiler, arguments: Arguments, _focus: Focus) -> Value:
    """Return what is in a variable already; only ``_targets`` makes such a call."""
    (literal,) = arguments
    assert isinstance(literal, Literal)  # noqa: S101
    return Value("text", f"text({literal.value})")


def _re_match(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    text, pattern = (compiler.value(argument, focus) for argument in arguments)
    if pattern.constant is None:
        compiler.refuse("the pattern of re-match() must be known when it is compiled: a literal")
    translated = quote(compiler.pattern(pattern.constant))
    return Value("bool", f"matches({compiler.text(text)}, {translated})")


def _derived(*, own: bool) -> Callable[[Compiler, Arguments, Focus], Value]:
    def make(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
        value = _nodes(compiler, arguments[0], focus, "derived-from")
        nodes = _of_type(compiler, value, ir.Identityref)
        identity = compiler.value(arguments[1], focus)
        if identity.constant is None:
            table = compiler.helper("names", "", _table(compiler, nodes, own=own))
            name = compiler.text(identity)
            code = comparisons.some(
                compiler, nodes, lambda item: f"derived({item}, {name}, {table})"
            )
            return Value("bool", code)
        name = compiler.scope.qualified(identity.constant)
        found = set(identities.derived_by_name(compiler.scope.statement, name))
        if own:
            found.add(name)
        if not found:
            return Value("bool", "False")
        test = "in"
        known = _set(found)
        if len(found) == 1:
            test, known = "==", known[1:-1]
        else:
            known = compiler.helper("names", "", known)
        return Value(
            "bool", comparisons.some(compiler, nodes, lambda item: f"{item} {test} {known}")
        )

    return make


def _table(compiler: Compiler, nodes: Value, *, own: bool) -> str:
    """Return what is derived from each identity that may be named, by all that it is called."""
    values = {
        name
        for flow in nodes.flows
        for name in ir.identity_names(types.concrete(flow.spot.node, addresses=compiler.addresses))
    }
    known: dict[str, set[str]] = {}
    for identity in identities.everything(compiler.scope.statement):
        name = identities.name_of(identity)
        found = (identities.derived(identity) | ({name} if own else set())) & values
        for called in compiler.scope.spellings(name) if found else ():
            known[called] = found
    items = (f"{quote(called)}: {_set(found)}" for called, found in sorted(known.items()))
    return f"{{{', '.join(items)}}}"


def _set(names: set[str]) -> str:
    return "{" + ", ".join(map(quote, sorted(names))) + "}"


def _enum_value(compiler: Compiler, arguments: Arguments, focus: Focus) -> Value:
    value = _nodes(compiler, arguments[0], focus, "enum-value")
    codes = []
    for flow in value.flows:
        node = flow.spot.node
        type_ = (
            None
            if node is None or node.keyword not in {"leaf", "leaf-list"}
            else types.concrete(node, addresses=compiler.addresses)
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


KNOWN: dict[str, tuple[int, int, Callable[[Compiler, Arguments, Focus], Value]]] = {
    "$": (1, 1, _marked),
    "bit-is-set": (2, 2, _bit),
    "current": (0, 0, _current),
    "deref": (1, 1, _deref),
    "derived-from": (2, 2, _derived(own=False)),
    "derived-from-or-self": (2, 2, _derived(own=True)),
    "enum-value": (1, 1, _enum_value),
    "re-match": (2, 2, _re_match),
}
"""The functions: how few and how many arguments they take, and what makes of them a value."""
