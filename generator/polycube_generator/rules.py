"""The constraints of nodes: their expressions compiled, each function once."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from polycube_generator import datatree, ir, names, types
from polycube_generator.xpath.compiler import Compiler
from polycube_generator.xpath.flows import unquoted
from polycube_generator.xpath.parser import Path, parse
from polycube_generator.xpath.prefixes import unprefixed
from polycube_generator.xpath.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_generator.types import Statement

_ENUMERABLE = frozenset({"choice", "case"})
_BRACKETS = 100
"""In each other in generated code; Python takes 200, and the layout adds some."""


@dataclass(slots=True)
class Rules:
    """The functions of a package, in the order in which they are needed.

    ``modules`` are those whose top-level nodes some expression refers to.
    """

    addresses: bool
    functions: dict[str, ir.Function | ir.Helper] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)

    def must(self, node: Statement) -> tuple[ir.Rule, ...]:
        """Return the must statements of a node."""
        return tuple(
            self._rule(node, statement, above=False)
            for statement in node.search("must")
            if not hasattr(statement, "i_not_implemented")
        )

    def when(self, node: Statement) -> tuple[ir.Rule, ...]:
        """Return the conditions of a node or choice, with those of all that it is in or of."""
        found = []
        for statement in node.search("when"):
            above = node.keyword in _ENUMERABLE or getattr(statement, "i_origin", None) == "uses"
            found.append(self._rule(node, statement, above=above))
        outer = node
        while True:
            if augment := getattr(outer, "i_augment", None):
                found += [self._rule(node, one, above=True) for one in augment.search("when")]
            outer = outer.parent
            if outer is None or outer.keyword not in _ENUMERABLE:
                return tuple(dict.fromkeys(found))
            found += [self._rule(node, one, above=True) for one in outer.search("when")]

    def exists(self, leaf: Statement, *, always: bool) -> str:
        """Return the function that tells whether what a leafref refers to is there, if any.

        Without ``always`` a path that leads through no list of the leaf's own is left to the
        runtime, which knows the values at a path.
        """
        codes = []
        compilers = []
        for path in _paths(leaf.search_one("type")):
            if not always and _is_plain(leaf, path):
                return ""
            compiler = Compiler(Scope(leaf, path), leaf, self.addresses)
            codes.append(_bounded(compiler.reference, path))
            compilers.append((compiler, path))
        if not codes:
            return ""
        texts = [" ".join(path.arg.split()) for _, path in compilers]
        codes = [
            self._named(compiler, code, leaf)
            for (compiler, _), code in zip(compilers, codes, strict=True)
        ]
        return self._function("ref", leaf, " or ".join(codes), " or ".join(texts))

    def _rule(self, node: Statement, statement: Statement, *, above: bool) -> ir.Rule:
        context = datatree.parent(node) if above else node
        scope = Scope(node, statement)
        compiler = Compiler(scope, context, self.addresses)
        code = self._named(compiler, _bounded(compiler.condition, statement), node)
        text = " ".join(statement.arg.split())
        return ir.Rule(
            self._function(statement.keyword, node, code, text),
            text,
            types.text_of(statement, "error-message"),
            types.text_of(statement, "error-app-tag"),
            above,
            unprefixed(scope, text),
        )

    def _named(self, compiler: Compiler, code: str, node: Statement) -> str:
        """Return code with the names that its helpers have in the package."""
        self.modules |= compiler.modules
        given: list[str] = []
        for helper in compiler.helpers:
            body = _with_names(helper.code, given)
            key = (helper.kind, helper.parameter, body)
            if key not in self._known:
                suffix = names.snake(node.arg)
                name = (
                    f"{helper.kind}_of_{suffix}"
                    if helper.parameter
                    else f"{helper.kind}_{suffix}".upper()
                )
                self._known[key] = self._free(name)
                self.functions[self._known[key]] = replace(helper, code=body, name=self._known[key])
            given.append(self._known[key])
        return _with_names(code, given)

    def _function(self, kind: str, node: Statement, code: str, text: str) -> str:
        key = ("function", code)
        if key not in self._known:
            self._known[key] = self._free(f"{kind}_{names.snake(node.arg)}")
            name = self._known[key]
            self.functions[name] = ir.Function(name, code, text)
        return self._known[key]

    def _free(self, name: str) -> str:
        found, count = name, 1
        while found in self.functions:
            count += 1
            found = f"{name}_{count}"
        return found


def _bounded(compiled: Callable[[Statement], str], statement: Statement) -> str:
    """Return what a statement is compiled to, refused if it is more than Python takes."""
    try:
        code = compiled(statement)
    except RecursionError:
        message = f"{statement.keyword} has too many operators in a row; split it"
        raise types.Unsupported(statement, message) from None
    if _depth(code) > _BRACKETS:
        raise types.Unsupported(statement, f"{statement.keyword} is nested too deeply; split it")
    return code


def _depth(code: str) -> int:
    """Return how many brackets there are in each other at most."""
    steps = ((char in "([{") - (char in ")]}") for char in unquoted(code))
    return max(itertools.accumulate(steps), default=0)


def _with_names(code: str, given: list[str]) -> str:
    return re.sub(r"\bhelper_(\d+)_", lambda found: given[int(found[1])], code)


def _paths(type_: Statement) -> list[Statement]:
    """Return the paths of a type that must lead to something, those in unions included."""
    chain = types.chain_of(type_)
    match chain[-1].arg:
        case "leafref" if types.is_required(chain):
            return [types.path_statement(chain)]
        case "union":
            members = next(one.search("type") for one in chain if one.search("type"))
            return [path for member in members for path in _paths(member)]
        case _:
            return []


def _is_plain(leaf: Statement, path: Statement) -> bool:
    """Tell whether a path means the same wherever the leaf is: no list around is on its way."""
    if leaf.search_one("type").arg == "union" or "[" in path.arg:
        return False
    expression = parse(path)
    if isinstance(expression, Path) and expression.absolute:
        return True
    node: Statement | None = leaf
    ups = (
        0
        if not isinstance(expression, Path)
        else sum(step.axis == "parent" for step in expression.steps)
    )
    for _ in range(ups):
        node = None if node is None else datatree.parent(node)
    while node is not None:
        if node.keyword == "list":
            return False
        node = datatree.parent(node)
    return True
