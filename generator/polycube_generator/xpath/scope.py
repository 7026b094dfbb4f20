"""Names in expressions: which nodes of the schema a step can lead to."""

from __future__ import annotations

from dataclasses import dataclass

from polycube_generator import datatree
from polycube_generator.types import Statement, Unsupported
from polycube_generator.xpath.flows import Text

ELEMENT = "element()"
"""A test that XPath 1.0 has no word for: of any node that can have nodes below it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is: ``node`` is its context, ``statement`` has its prefixes."""

    node: Statement
    statement: Statement

    def module(self, prefix: str) -> str:
        """Return the name of the module that ``prefix`` stands for."""
        for place in (self.statement.i_orig_module, self.statement.i_module, self.node.i_module):
            if prefix == place.i_prefix:
                return str(place.i_modulename)
            if prefix in place.i_prefixes:
                return str(place.i_prefixes[prefix][0])
        # In a literal, which nobody checks, older models have the prefix that a module itself has.
        modules = self.node.i_module.i_ctx.modules.values()
        owners = {str(one.i_modulename) for one in modules if one.i_prefix == prefix}
        if len(owners) == 1:
            return owners.pop()
        raise Unsupported(self.statement, f"prefix {prefix} of {self.statement.arg!r} is not known")

    def qualified(self, name: str) -> str:
        """Return ``module:name`` for a name that may have a prefix."""
        prefix, _, local = name.rpartition(":")
        return f"{self.module(prefix) if prefix else datatree.module_of(self.node)}:{local}"

    def spellings(self, name: str) -> list[str]:
        """Return what ``module:name`` is called here: by its prefixes, and by none if it is own."""
        module, _, local = name.partition(":")
        prefixes = {module}
        for place in (self.statement.i_orig_module, self.statement.i_module):
            prefixes |= {key for key, (one, _) in place.i_prefixes.items() if one == module}
            prefixes |= {place.i_prefix} if place.i_modulename == module else set()
        own = [local] if module == datatree.module_of(self.node) else []
        return [*own, *(f"{prefix}:{local}" for prefix in sorted(prefixes))]

    def children(self, parent: Statement | None, test: str) -> list[Statement]:
        """Return the nodes below ``parent`` (None is the root) that pass a test of names."""
        prefix, _, local = test.rpartition(":")
        module = self.module(prefix) if prefix else ""
        found = [
            child
            for child in self.below(parent)
            if local in {"*", child.arg} and module in {"", datatree.module_of(child)}
        ]
        if module or local == "*":
            return found
        # A name without prefix is of the module that the context node is in, or, which older
        # models rely on, of the one where the expression was written.
        for own in (datatree.module_of(self.node), self.statement.i_orig_module.i_modulename):
            if ours := [child for child in found if datatree.module_of(child) == own]:
                return ours
        return []

    def below(self, parent: Statement | None) -> list[Statement]:
        """Return all data nodes below ``parent``; below the root are those of all modules."""
        if parent is not None:
            return datatree.children(parent)
        modules = self.node.i_module.i_ctx.modules.values()
        unique = {module.arg: module for module in modules if module.keyword == "module"}
        return [child for name in sorted(unique) for child in datatree.children(unique[name])]

    def matches(self, node: Statement | None, test: str) -> bool:
        """Tell whether ``node`` itself passes a test."""
        if test == "node()":
            return True
        if isinstance(node, Text):
            return test == "text()"
        if node is None or test.endswith("()"):
            return test == ELEMENT
        prefix, _, local = test.rpartition(":")
        named = local in {"*", node.arg}
        return named and (not prefix or self.module(prefix) == datatree.module_of(node))
