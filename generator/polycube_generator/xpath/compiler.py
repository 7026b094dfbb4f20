"""From an XPath expression to a Python one, against the schema of the module.

The Python is evaluated for a context node ``this`` with its ancestors ``up1``, ``up2`` … up to the
root, and a ``tree`` that has the root and the indexes. Its vocabulary is that of the runtime's
``support.xpath``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

from polycube_generator import datatree, ir, patterns
from polycube_generator.types import Statement, Unsupported
from polycube_generator.xpath import arithmetic, axes, comparisons, predicates
from polycube_generator.xpath.expressions import Focus, Value, joined
from polycube_generator.xpath.flows import ROOT, Flow, Spot, quote, split, start, unquoted
from polycube_generator.xpath.parser import (
    Call,
    Expression,
    Literal,
    Negative,
    Number,
    Operation,
    Path,
    Step,
    chained,
    parse,
)
from polycube_generator.xpath.scope import ELEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.xpath.scope import Scope

_MANY = 500
"""Into how many nodes of the schema a step may fan out: each is a line of code."""

_RANKS = (frozenset({"or"}), frozenset({"and"}), frozenset({"+", "-"}), frozenset({"*"}))
"""Operators that stay beside each other in code."""

_BETWEEN = Step("descendant-or-self", "node()")
"""What ``//`` stands for."""


@dataclass(slots=True)
class Compiler:
    """Compiles the expressions of one statement; ``helpers`` are functions that it needs."""

    scope: Scope
    context: Statement | None
    addresses: bool = False
    helpers: list[ir.Helper] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    variables: int = 0

    def condition(self, statement: Statement) -> str:
        """Return the expression that is the argument of ``statement``, as a truth value."""
        return self.truth(self.value(parse(statement), Focus(self.origin)))

    def reference(self, path: Statement) -> str:
        """Return whether there is a node at ``path`` whose value is that of the context node."""
        found = self.value(parse(path), Focus(self.origin))
        return comparisons.equal(self, Value("nodes", flows=(Flow(self.origin),)), found)

    @property
    def origin(self) -> Spot:
        """The spot of the context node."""
        return start(self.context)

    def refuse(self, problem: str) -> NoReturn:
        """Refuse the expression, at its place."""
        statement = self.scope.statement
        message = f"{statement.keyword} {statement.arg!r}: {problem}"
        raise Unsupported(statement, message)

    def value(self, expression: Expression, focus: Focus) -> Value:
        """Return what an expression yields in a context."""
        match expression:
            case Literal(value=text):
                return Value("text", quote(text), constant=text)
            case Number(text=text):
                return arithmetic.literal(text)
            case Negative(operand=operand):
                return arithmetic.negative(self.number(self.value(operand, focus)))
            case Path():
                return Value("nodes", flows=tuple(self.path(expression, focus)))
            case Operation():
                return self.operation(expression, focus)
            case Call():
                return self.call(expression, focus)

    # Conversions

    def truth(self, value: Value) -> str:
        """Return the source of boolean(value)."""
        match value.kind:
            case "bool":
                return value.code
            case "num":
                return f"truth({value.code})"
            case "text":
                constant = value.constant
                return f'{value.code} != ""' if constant is None else str(bool(constant))
        if flow := value.single:
            existing = flow.existing
            return "True" if re.fullmatch(r"\w+(\.root)?", existing) else f"{existing} is not None"
        return joined("or", [self.any_of(flow) for flow in value.flows])

    def any_of(self, flow: Flow) -> str:
        """Return whether there is any of the nodes."""
        if not flow.clauses:
            return self.truth(Value("nodes", flows=(flow,)))
        match = re.fullmatch(r"for (\w+) in (.*)", flow.clauses[-1])
        if len(flow.clauses) == 1 and match and flow.existing == match[1]:
            return f"bool({match[2]})"
        variable = rf"for {flow.existing} in (?!one\()" if flow.existing.isidentifier() else "$^"
        is_there = any(re.match(variable, clause) for clause in flow.clauses)
        existing = "True" if is_there else f"{flow.existing} is not None"
        return self.quantified(flow.clauses, existing)

    def text(self, value: Value) -> str:
        """Return the source of string(value)."""
        match value.kind:
            case "text":
                return value.code
            case "bool":
                return f"text(bool({value.code}))"
            case "num":
                return f"text({value.code})"
        if not value.flows:
            return '""'
        if flow := value.single:
            return f"text({flow.content})"
        above = {datatree.parent(flow.spot.node) for flow in value.flows if flow.spot.node}
        if len(value.flows) > 1 and (len(above) > 1 or any(flow.loops for flow in value.flows)):
            self.refuse("of several nodes the first is meant, but they have no order")
        if len(value.flows) > 1:
            order = self.scope.below(next(iter(above), None))
            flows = sorted(value.flows, key=lambda flow: order.index(flow.spot.node))
            value = replace(value, flows=tuple(flows))
        if len(value.flows) == 1:
            return f"text({self.called('first', value.flows[0], value.flows[0].content)})"
        return f"text(first({self.all(value)}))"

    def number(self, value: Value) -> Value:
        """Return a value as a number."""
        if value.kind == "num":
            return value
        if value.kind == "nodes" and (flow := value.single):
            return Value("num", f"number({flow.content})")
        if value.kind == "bool":
            return Value("num", f"int({value.code})", whole=True)
        return Value("num", f"number({self.text(value) if value.kind == 'nodes' else value.code})")

    def all(self, value: Value) -> str:
        """Return an iterable of all values of a set of nodes, None where one is not there."""
        if not value.flows:
            return "()"
        parts = [self.each(flow, flow.content) for flow in value.flows]
        return parts[0] if len(parts) == 1 else f"chain({', '.join(parts)})"

    def each(self, flow: Flow, code: str) -> str:
        """Return an iterable of ``code``, something about a node, for all nodes."""
        leading, loops = split(flow.clauses)
        if loops:
            return f"({code} {flow.body})"
        return f"one({code} if {joined('and', leading)} else None)" if leading else f"one({code})"

    def called(self, function: str, flow: Flow, code: str) -> str:
        """Return a call that takes ``code``, something about a node, for all nodes."""
        return f"{function}({f'{code} {flow.body}' if flow.loops else self.each(flow, code)})"

    # Operators

    def operation(self, expression: Operation, focus: Focus) -> Value:
        """Return what an operator makes of its operands."""
        operator = expression.operator
        for ranked in _RANKS:
            if operator in ranked:
                return self.chain(chained(expression, ranked), focus)
        left, right = self.value(expression.left, focus), self.value(expression.right, focus)
        if operator == "|":
            if left.kind != "nodes" or right.kind != "nodes":
                self.refuse("| joins sets of nodes")
            return Value("nodes", flows=tuple(dict.fromkeys((*left.flows, *right.flows))))
        if operator in {"div", "mod"}:
            return arithmetic.quotient(operator, self.number(left), self.number(right))
        return Value("bool", comparisons.compare(self, operator, left, right))

    def chain(self, terms: list[tuple[str, Expression]], focus: Focus) -> Value:
        """Return what operators of equal rank make of their operands."""
        operator = terms[-1][0]
        values = [self.value(term, focus) for _, term in terms]
        if operator in {"and", "or"}:
            return Value("bool", joined(operator, list(map(self.truth, values))))
        signs = (sign for sign, _ in terms)
        return arithmetic.chain(list(zip(signs, map(self.number, values), strict=True)))

    def quantified(self, clauses: tuple[str, ...], test: str) -> str:
        """Return whether any of the nodes of clauses passes a test."""
        leading, loops = split(clauses)
        if loops:
            test = f"any({test} {' '.join(loops)})"
            if not leading and (known := self.shared("any", test)):
                test = known
        return joined("and", [*leading, test]) if leading else test

    def shared(self, kind: str, code: str, *, always: bool = False) -> str:
        """Return a call for what is computed once for all that share an ancestor, if that helps.

        The function becomes a helper; it depends on a single ancestor, and helps where many nodes
        share that, or, as with a set, ``always``.
        """
        free = set(re.findall(r"\b(?:this|up\d+|tree)\b", unquoted(code)))
        if len(free) != 1 or (anchor := next(iter(free))) == "this":
            return ""
        variables = set(re.findall(r"\be\d+\w*", unquoted(code)))
        bound = " ".join(re.findall(r"\bfor (.+?) in ", unquoted(code)))
        if variables - set(re.findall(r"\w+", bound)) or not (always or self._has_many(anchor)):
            return ""
        argument = anchor
        if anchor == "tree":
            code, argument, anchor = code.replace("tree.root", "root"), "tree.root", "root"
        if "tree" in unquoted(code):
            return ""
        return f"tree.once({self.helper(kind, anchor, code)}, {argument})"

    def _has_many(self, anchor: str) -> bool:
        """Tell whether there may be many context nodes below one ancestor: a list is between."""
        node, steps = self.context, int(anchor.removeprefix("up")) if anchor != "tree" else -1
        while node is not None and steps:
            if node.keyword in {"list", "leaf-list"}:
                return True
            node, steps = datatree.parent(node), steps - 1
        return False

    def helper(self, kind: str, parameter: str, code: str) -> str:
        """Return the provisional name of a helper, which ``Rules`` replaces."""
        for index, known in enumerate(self.helpers):
            if (known.parameter, known.code) == (parameter, code):
                return f"helper_{index}_"
        self.helpers.append(ir.Helper(kind, parameter, code))
        return f"helper_{len(self.helpers) - 1}_"

    # Paths

    def path(self, expression: Path, focus: Focus) -> Iterator[Flow]:
        """Yield the nodes at a location path."""
        steps = expression.steps
        if expression.absolute:
            flows = [Flow(ROOT)]
        elif expression.start is None:
            flows = [Flow(focus.spot)]
        else:
            origin = self.value(expression.start, focus)
            if origin.kind != "nodes":
                self.refuse("only a set of nodes has steps and predicates")
            flows = list(origin.flows)
            if steps[0].axis == "self" and len(flows) == 1 and not flows[0].repeats:
                flows, steps = [predicates.selected(self, flows[0], steps[0].predicates)], steps[1:]
            elif axes.is_counted(steps[0]) and steps[0].axis == "self" and flows:
                self.refuse("of several sets of nodes, none is the first: they have no order")
        for number, step in enumerate(steps, 1):
            if number < len(steps) and step == _BETWEEN:
                step = replace(step, test=ELEMENT)  # noqa: PLW2901 (text has nothing below it)
            found = (one for flow in flows for one in axes.step(self, flow, step))
            flows = [flow for flow in dict.fromkeys(found) if "if False" not in flow.clauses]
            if len(flows) > _MANY:
                self.refuse(f"leads to more than {_MANY} nodes of the schema")
        yield from flows

    def variable(self) -> str:
        """Return a name for the next loop."""
        self.variables += 1
        return f"e{self.variables}"

    # Functions

    def call(self, expression: Call, focus: Focus) -> Value:
        """Return what a function yields."""
        from polycube_generator.xpath import functions  # noqa: PLC0415  (the two need each other)

        return functions.call(self, expression, focus)

    def pattern(self, text: str) -> str:
        """Return a pattern as the runtime matches it."""
        try:
            return patterns.translate(text)
        except ValueError as error:
            self.refuse(str(error))
