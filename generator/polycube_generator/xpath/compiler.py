"""From an XPath expression to a Python one, against the schema of the module.

The Python is evaluated for a context node ``this`` with its ancestors ``up1``, ``up2`` … up to the
root, and a ``tree`` that has the root and the indexes. Its vocabulary is that of the runtime's
``support.xpath``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, NoReturn

from polycube_generator import datatree, ir, patterns
from polycube_generator.types import Statement, Unsupported
from polycube_generator.xpath import leaves, predicates, siblings
from polycube_generator.xpath.expressions import (
    PYTHON,
    Focus,
    Value,
    is_positional,
    joined,
    names_of,
    ordered,
)
from polycube_generator.xpath.flows import (
    ROOT,
    Flow,
    Spot,
    is_atomic,
    quote,
    split,
    start,
    unquoted,
)
from polycube_generator.xpath.parser import (
    Call,
    Expression,
    Literal,
    Negative,
    Number,
    Operation,
    Path,
    Step,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_generator.xpath.scope import Scope

_MANY = 500
"""Into how many nodes of the schema a step may fan out: each is a line of code."""

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else str(value)


def _is_counted(step: Step) -> bool:
    """Tell whether a step has a predicate about positions."""
    return any(map(is_positional, step.predicates))


def _has_text(node: Statement | None) -> bool:
    return node is not None and node.keyword in {"leaf", "leaf-list"}


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
        return self.equal(Value("nodes", flows=(Flow(self.origin),)), found)

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
                return Value("num", str(int(text)) if text.isdigit() else _number(float(text)))
            case Negative(operand=operand):
                return Value("num", f"-{self.number(self.value(operand, focus))}")
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
        existing = "True" if match and flow.existing == match[1] else f"{flow.existing} is not None"
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
            return f"text({flow.value})"
        above = {datatree.parent(flow.spot.node) for flow in value.flows if flow.spot.node}
        if len(value.flows) > 1 and (
            len(above) > 1 or any(split(f.clauses)[1] for f in value.flows)
        ):
            self.refuse("of several nodes the first is meant, but they have no order")
        return f"text(first({self.all(value)}))"

    def number(self, value: Value) -> str:
        """Return the source of a value as a number."""
        if value.kind == "num":
            return value.code if is_atomic(value.code) else f"({value.code})"
        if value.kind == "nodes" and (flow := value.single):
            return f"number({flow.value})"
        if value.kind == "bool":
            return f"int({value.code})"
        return f"number({self.text(value) if value.kind == 'nodes' else value.code})"

    def all(self, value: Value) -> str:
        """Return an iterable of all values of a set of nodes, None where one is not there."""
        if not value.flows:
            return "()"
        parts = [self.each(flow, flow.value) for flow in value.flows]
        return parts[0] if len(parts) == 1 else f"chain({', '.join(parts)})"

    def each(self, flow: Flow, code: str) -> str:
        """Return an iterable of ``code``, something about a node, for all nodes."""
        leading, loops = split(flow.clauses)
        if loops:
            return f"({code} {flow.body})"
        return f"one({code} if {joined('and', leading)} else None)" if leading else f"one({code})"

    # Operators

    def operation(self, expression: Operation, focus: Focus) -> Value:
        """Return what an operator makes of its operands."""
        operator = expression.operator
        left, right = self.value(expression.left, focus), self.value(expression.right, focus)
        if operator == "|":
            if left.kind != "nodes" or right.kind != "nodes":
                self.refuse("| joins sets of nodes")
            return Value("nodes", flows=(*left.flows, *right.flows))
        if operator in {"and", "or"}:
            return Value("bool", joined(operator, [self.truth(left), self.truth(right)]))
        if operator in {"+", "-", "*"}:
            return Value("num", f"{self.number(left)} {operator} {self.number(right)}")
        if operator in {"div", "mod"}:
            name = "divided" if operator == "div" else "remainder"
            return Value("num", f"{name}({self.number(left)}, {self.number(right)})")
        return Value("bool", self.compare(operator, left, right))

    def compare(self, operator: str, left: Value, right: Value) -> str:
        """Return the source of a comparison (XPath 1.0, section 3.4)."""
        if left.kind != "nodes" and right.kind == "nodes":
            left, right, operator = right, left, _MIRRORED.get(operator, operator)
        if left.kind == "nodes" and not left.flows and right.kind != "bool":
            return "False"
        if operator == "=":
            return self.equal(left, right)
        if "bool" in {left.kind, right.kind}:
            both = operator == "!="
            sides = [
                f"int({self.truth(side)})" if both or side.kind == "nodes" else self.number(side)
                for side in (left, right)
            ]
            return f"{sides[0]} {PYTHON[operator]} {sides[1]}"
        if left.kind != "nodes":
            return self.scalars(operator, left, right)
        if right.kind != "nodes":
            if operator == "!=" and right.constant is not None:
                return self.other(left, right.constant)
            if operator == "!=" and right.kind == "text":
                return self.some(left, lambda item: f"differs({item}, {right.code})")
            return self.some(left, lambda item: ordered(operator, item, self.number(right)))
        pairs = [
            self.quantified(
                (*one.clauses, *other.clauses),
                f"differs({one.value}, {other.value})"
                if operator == "!="
                else ordered(operator, one.value, other.value),
            )
            for one, other in product(left.flows, right.flows)
        ]
        return joined("or", pairs) if pairs else "False"

    def scalars(self, operator: str, left: Value, right: Value) -> str:
        """Compare two values of which neither is a set of nodes."""
        if operator in {"=", "!="} and "num" not in {left.kind, right.kind}:
            return f"{self.text(left)} {PYTHON[operator]} {self.text(right)}"
        return f"{self.number(left)} {PYTHON[operator]} {self.number(right)}"

    def equal(self, left: Value, right: Value) -> str:
        """Return whether two values are equal: of sets, whether any two nodes are."""
        if left.kind != "nodes" and right.kind == "nodes":
            left, right = right, left
        if "bool" in {left.kind, right.kind}:
            return f"({self.truth(left)}) == ({self.truth(right)})"
        if left.kind != "nodes":
            return self.scalars("=", left, right)
        if right.kind == "text":
            return self.some(left, lambda item: f"same({item}, {right.code})", right.constant)
        if right.kind == "num":
            return self.some(left, lambda item: f"number({item}) == {self.number(right)}")
        if not right.flows:
            return "False"
        tests = [self.same_nodes(one, other) for one, other in product(left.flows, right.flows)]
        return joined("or", tests) if tests else "False"

    def same_nodes(self, left: Flow, right: Flow) -> str:
        """Return whether two sets have a value in common, looked up if one of them is known."""
        for one, other in ((left, right), (right, left)):
            if not one.clauses and (known := self.cached("texts", other)):
                return f"within({one.value}, {known})"
        return self.quantified(
            (*left.clauses, *right.clauses), f"same({left.value}, {right.value})"
        )

    def some(self, value: Value, test: Callable[[str], str], constant: str | None = None) -> str:
        """Return whether any of the nodes passes ``test``; ``constant`` is what it may equal."""
        tests = []
        for flow in value.flows:
            code = test(flow.value)
            if constant is not None:
                if (literal := self.typed(flow.spot.node, constant)) is None:
                    continue
                code = (
                    f"{flow.value} == {literal}"
                    if literal
                    else f"same({flow.value}, {quote(constant)})"
                )
                if literal == "True":
                    code = f"{flow.value} is True"
                elif literal == "False":
                    code = f"{flow.value} is False"
            tests.append(self.quantified(flow.clauses, code))
        return joined("or", tests) if tests else "False"

    def other(self, value: Value, constant: str) -> str:
        """Return whether any of the nodes is not ``constant``."""
        tests = []
        for flow in value.flows:
            literal = self.typed(flow.spot.node, constant)
            # Identities have their module in the document, another prefix in the model.
            text = literal if literal and literal.startswith(('"', "'")) else quote(constant)
            tests.append(self.quantified(flow.clauses, f"differs({flow.value}, {text})"))
        return joined("or", tests)

    def typed(self, node: Statement | None, text: str) -> str | None:
        """Return the source of a leaf's value whose text is ``text`` (see ``leaves.constant``)."""
        return leaves.constant(self.scope, node, text, addresses=self.addresses)

    def quantified(self, clauses: tuple[str, ...], test: str) -> str:
        """Return whether any of the nodes of clauses passes a test."""
        leading, loops = split(clauses)
        test = f"any({test} {' '.join(loops)})" if loops else test
        return joined("and", [*leading, test]) if leading else test

    def cached(self, kind: str, flow: Flow) -> str:
        """Return a call for what is computed once for all that share an ancestor, if that helps.

        The function becomes a helper; it depends on a single ancestor.
        """
        if not any(clause.startswith("for ") for clause in flow.clauses):
            return ""
        free = flow.free
        if len(free) != 1 or (anchor := next(iter(free))) == "this":
            return ""
        if anchor == "tree" and "tree.find" in unquoted(flow.body):
            return ""
        source, argument = f"{flow.value} {flow.body}", anchor
        if anchor == "tree":
            source, argument, anchor = source.replace("tree.root", "root"), "tree.root", "root"
        if "tree" in unquoted(source):
            return ""
        return f"tree.once({self.helper(kind, anchor, f'{kind}({source})')}, {argument})"

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
        if expression.absolute:
            flows = [Flow(ROOT)]
        elif expression.start is None:
            flows = [Flow(focus.spot)]
        else:
            origin = self.value(expression.start, focus)
            if origin.kind != "nodes":
                self.refuse("only a set of nodes has steps and predicates")
            flows = list(origin.flows)
            many = len(flows) > 1 or any(split(flow.clauses)[1] for flow in flows)
            if many and _is_counted(expression.steps[0]):
                self.refuse("the position in a set of nodes is not known, only that in a list")
        for step in expression.steps:
            flows = list(dict.fromkeys(found for flow in flows for found in self.step(flow, step)))
            if len(flows) > _MANY:
                self.refuse(f"leads to more than {_MANY} nodes of the schema")
        yield from flows

    def step(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield the nodes that one step leads to."""
        match step.axis:
            case "child":
                yield from self.children(flow, step)
            case "self":
                if self.scope.matches(flow.spot.node, step.test):
                    yield predicates.filtered(self, flow, step.predicates)
            case "parent" | "ancestor" | "ancestor-or-self":
                yield from self.upwards(flow, step)
            case "descendant" | "descendant-or-self":
                yield from self.downwards(flow, step)
            case "preceding-sibling" | "following-sibling":
                yield siblings.beside(self, flow, step)
            case "attribute" | "namespace":
                self.refuse(f"axis {step.axis} leads nowhere: YANG data has no such nodes")
            case axis:
                self.refuse(f"axis {axis} is about an order that JSON documents do not have")

    def children(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield all children that pass the test of a step."""
        found = self.scope.children(flow.spot.node, names_of(step.test))
        if len(found) > 1 and _is_counted(step):
            self.refuse(f"{step.test} are nodes without an order; name one to count it")
        for node in found:
            if flow.spot.node is None:
                self.modules.add(datatree.module_of(node))
            yield from self.child(flow, node, step.predicates)
        if step.test == "text()" and _has_text(flow.spot.node):
            present = flow.where(f'text({flow.value}) != ""')
            yield predicates.filtered(self, present, step.predicates)

    def child(self, flow: Flow, node: Statement, tests: tuple[Expression, ...]) -> Iterator[Flow]:
        """Yield the instances of a child in the schema."""
        name, above = datatree.member(node), flow.spot.places
        if node.keyword in {"list", "leaf-list"}:
            place = above[0]
            arguments = ", ".join([place.base, *map(quote, (*place.names, name))])
            kind = "rows" if node.keyword == "list" else "values"
            yield predicates.entries(self, flow, node, f"{kind}({arguments})", tests)
            return
        spot = Spot(node, (above[0].child(name), *above))
        yield predicates.filtered(self, replace(flow, spot=spot), tests)

    def upwards(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield the parent, or all ancestors."""
        if step.axis != "parent" and _is_counted(step) and step.test in {"*", "node()"}:
            self.refuse(f"{step.axis}::{step.test} by position: name the ancestor")
        current = flow
        if step.axis == "ancestor-or-self" and self.scope.matches(flow.spot.node, step.test):
            yield predicates.filtered(self, flow, step.predicates)
        while (above := current.spot.up()) is not None:
            if current.spot.places[0].names and current.existing != above.places[0].value:
                current = current.where(f"{current.existing} is not None")
            current = replace(current.ascended(), spot=above)
            named = above.node is None and step.test == "node()"
            if named or self.scope.matches(above.node, step.test):
                yield predicates.filtered(self, current, step.predicates)
            if step.axis == "parent":
                return

    def downwards(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield all descendants."""
        if _is_counted(step):
            self.refuse(f"axis {step.axis} has no positions: descendants have no order in JSON")
        if step.axis == "descendant-or-self" and (
            step.test == "node()" or self.scope.matches(flow.spot.node, step.test)
        ):
            yield predicates.filtered(self, flow, step.predicates)
        if flow.spot.node is not None and flow.spot.node.keyword not in {"container", "list"}:
            return
        for node in self.scope.below(flow.spot.node):
            named = self.scope.matches(node, step.test)
            for found in self.child(flow, node, step.predicates if named else ()):
                inner = replace(step, axis="descendant")
                if named:
                    yield found
                yield from self.downwards(found, inner)

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
