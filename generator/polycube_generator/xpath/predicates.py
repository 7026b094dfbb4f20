"""Predicates: which of the nodes stay, by an index if that can be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.xpath import leaves
from polycube_generator.xpath.expressions import Focus, Value, conjuncts, is_positional
from polycube_generator.xpath.flows import Flow, Place, Spot, quote, unquoted
from polycube_generator.xpath.parser import Expression, Operation

if TYPE_CHECKING:
    from polycube_generator.types import Statement
    from polycube_generator.xpath.compiler import Compiler


@dataclass(frozen=True, slots=True)
class Rows:
    """The entries of a list: all that ``code`` has, or those preceding or following ``this``."""

    code: str
    direction: str = ""
    this: str = ""

    @property
    def source(self) -> str:
        """A sequence of the entries, in the order of the document."""
        return f"tree.{self.direction}({self.code}, {self.this})" if self.direction else self.code

    def test(self, entry: str) -> list[str]:
        """Return what tells of an entry of the whole list that it is one of these."""
        pair = {"preceding": f"{entry}, {self.this}", "following": f"{self.this}, {entry}"}
        return [f"tree.is_before({self.code}, {pair[self.direction]})"] if self.direction else []


def filtered(compiler: Compiler, flow: Flow, predicates: tuple[Expression, ...]) -> Flow:
    """Return the nodes that pass all predicates, each being the only one where it is."""
    for predicate in predicates:
        if not re.fullmatch(r"\w+", flow.value):
            flow = flow.bind(compiler.variable())
        value = compiler.value(predicate, Focus(flow.spot))
        flow = flow.where(compiler.truth(value) if value.kind != "num" else f"{value.code} == 1")
    return flow


def selected(compiler: Compiler, flow: Flow, predicates: tuple[Expression, ...]) -> Flow:
    """Return those of a set of nodes, in the order of the document, that pass all predicates."""
    for predicate in predicates:
        if not (flow.loops and is_positional(predicate)):
            flow = filtered(compiler, flow, (predicate,))
            continue
        if not re.fullmatch(r"\w+", flow.value):
            flow = flow.bind(compiler.variable())
        names = dict.fromkeys(
            name
            for clause in flow.clauses
            if (loop := re.match(r"for ([\w, ()]+?) in ", clause))
            for name in re.findall(r"\w+", loop[1])
        )
        item = next(iter(names)) if len(names) == 1 else f"({', '.join(names)})"
        clauses = _positioned(compiler, item, f"[{item} {flow.body}]", flow.spot, predicate)
        flow = replace(flow, clauses=clauses)
    return flow


def entries(
    compiler: Compiler, flow: Flow, node: Statement, rows: Rows, predicates: tuple[Expression, ...]
) -> Flow:
    """Return the entries of a list that pass all predicates, by an index if that can be."""
    variable = compiler.variable()
    spot = Spot(node, (Place(variable), *flow.spot.places))
    clauses: tuple[str, ...] = (f"for {variable} in {rows.source}",)
    for number, predicate in enumerate(predicates):
        if is_positional(predicate):
            source = clauses[0].partition(" in ")[2]
            if len(clauses) > 1:
                source = f"[{variable} {' '.join(clauses)}]"
            backwards = rows.direction == "preceding"
            clauses = _positioned(compiler, variable, source, spot, predicate, backwards=backwards)
            continue
        keys = _Keys(compiler, spot) if not number and node.keyword == "list" else None
        if keys and keys.found(predicate):
            tests = rows.test(variable)
            clauses = (f"for {variable} in {keys.looked_up(rows.code)}", *_conditions(tests))
        conditions = [
            compiler.truth(compiler.value(part, Focus(spot)))
            for part in conjuncts(predicate)
            if not keys or part not in keys.used
        ]
        clauses = (*clauses, *_conditions(conditions))
    return replace(flow, spot=spot, clauses=(*flow.clauses, *clauses))


def _conditions(tests: list[str]) -> list[str]:
    return [f"if {test}" for test in tests]


def _positioned(
    compiler: Compiler,
    item: str,
    source: str,
    spot: Spot,
    predicate: Expression,
    *,
    backwards: bool = False,
) -> tuple[str, ...]:
    """Return clauses for what of a sequence a predicate about positions leaves.

    Positions count from the end of a sequence that is walked ``backwards``, whose order stays.
    """
    count = f"{re.findall(r'[a-z0-9]+', item)[-1]}_at"
    everything = f"{re.findall(r'[a-z0-9]+', item)[-1]}_all"
    if source.startswith("[") and re.fullmatch(r"\w+", item):
        listed = spot.node is not None and spot.node.keyword == "list"
        source = compiler.shared("entries" if listed else "values", source) or source
    value = compiler.value(predicate, Focus(spot, count, f"len({everything})"))
    code = value.code if value.kind == "num" else compiler.truth(value)
    if equal := re.fullmatch(rf"{count} == (.+)", code):
        value, code = Value("num"), equal[1]
    names = set(re.findall(r"\w+", unquoted(code)))
    if value.kind == "num" and not names & {count, *re.findall(r"\w+", item)}:
        last = code == f"len({everything})"
        if last != backwards and (last or code.isdigit()):
            return (f"for {item} in nth_last({source}, {1 if last else code})",)
        if everything not in names and not backwards:
            return (f"for {item} in nth({source}, {code})",)
        if last:
            return (f"for {item} in nth({source}, 1)",)
    test = f"{count} == {code}" if value.kind == "num" else code
    bound: tuple[str, ...] = ()
    if everything in names or backwards:
        bound = (f"for {everything} in [{source}]",)
        source = everything
    if backwards:
        pairs = f"zip(range(len({source}), 0, -1), {source}, strict=True)"
        return (*bound, f"for {count}, {item} in {pairs}", f"if {test}")
    return (*bound, f"for {count}, {item} in enumerate({source}, 1)", f"if {test}")


class _Keys:
    """The leaves that a predicate says are equal to what an entry does not decide."""

    def __init__(self, compiler: Compiler, spot: Spot) -> None:
        self.compiler = compiler
        self.spot = spot
        self.used: list[Expression] = []
        self._texts: dict[str, str] = {}
        self._number: tuple[str, str] | None = None

    def found(self, predicate: Expression) -> bool:
        """Tell whether an index helps, and remember which."""
        for part in conjuncts(predicate):
            leaf, value = self._compared(part)
            if leaf is None or value is None:
                continue
            name = datatree.member(leaf)
            if text := self._text(leaf, value):
                if name not in self._texts:
                    self._texts[name] = text
                    self.used.append(part)
            elif value.kind == "num" and self._number is None:
                self._number = (name, value.code)
                number = part
        if self._number and not self._texts:
            self.used = [number]
        return bool(self.used)

    def looked_up(self, rows: str) -> str:
        """Return the source of the entries."""
        if not self._texts:
            assert self._number  # noqa: S101 (found said so)
            name, code = self._number
            return f"tree.numbered({rows}, {quote(name)}, {code})"
        names, values = ", ".join(map(quote, self._texts)), ", ".join(self._texts.values())
        comma = "," if len(self._texts) == 1 else ""
        return f"tree.find({rows}, ({names}{comma}), ({values}{comma}))"

    def _compared(self, part: Expression) -> tuple[Statement | None, Value | None]:
        """Return a leaf of the entry and what it is compared to, if that is the same for all."""
        if not isinstance(part, Operation) or part.operator != "=":
            return None, None
        compiler, entry = self.compiler, self.spot.places[0].base
        for near, far in ((part.left, part.right), (part.right, part.left)):
            leaf = leaves.own(compiler.scope, self.spot, near)
            if leaf is None:
                continue
            saved = len(compiler.helpers), compiler.variables
            value = compiler.value(far, Focus(self.spot))
            code = value.single.value if value.single else value.code
            if code and not re.search(rf"\b{entry}\b", unquoted(code)):
                return leaf, value
            del compiler.helpers[saved[0] :]
            compiler.variables = saved[1]
        return None, None

    def _text(self, leaf: Statement, value: Value) -> str:
        """Return the source of the text that a leaf must have, empty if it is no single one."""
        if value.kind == "nodes":
            return value.single.value if value.single else ""
        if value.constant is not None:
            scope = self.compiler.scope
            text = leaves.constant(scope, leaf, value.constant, addresses=self.compiler.addresses)
            return text or ""
        if value.kind == "num":
            addresses = self.compiler.addresses
            small = leaves.is_small(leaf, addresses=addresses)
            return (
                value.code
                if small or (value.whole and leaves.is_integer(leaf, addresses=addresses))
                else ""
            )
        return value.code if value.kind == "text" else ""
