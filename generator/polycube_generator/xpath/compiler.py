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
from polycube_generator.xpath import leaves, siblings
from polycube_generator.xpath.expressions import (
    PYTHON,
    Focus,
    Value,
    conjuncts,
    is_positional,
    joined,
    names_of,
    ordered,
)
from polycube_generator.xpath.flows import (
    ROOT,
    Flow,
    Place,
    Spot,
    is_atomic,
    quote,
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
                number = float(text)
                return Value("num", str(int(number)) if number.is_integer() else str(number))
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
        return f"any({existing} {flow.body})"

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
        return f"text(first({self.all(value)}))"

    def number(self, value: Value) -> str:
        """Return the source of a value as a number."""
        if value.kind == "num":
            return value.code if is_atomic(value.code) else f"({value.code})"
        if value.kind == "nodes" and (flow := value.single):
            return f"number({flow.value})"
        return f"number({self.text(value) if value.kind == 'nodes' else value.code})"

    def all(self, value: Value) -> str:
        """Return an iterable of all values of a set of nodes, None where one is not there."""
        if not value.flows:
            return "()"
        parts = [
            f"({flow.value} {flow.body})" if flow.clauses else f"one({flow.value})"
            for flow in value.flows
        ]
        return parts[0] if len(parts) == 1 else f"chain({', '.join(parts)})"

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
            sides = [f"number({self.truth(side)})" for side in (left, right)]
            return f"{sides[0]} {PYTHON[operator]} {sides[1]}"
        if left.kind != "nodes":
            return self.scalars(operator, left, right)
        if right.kind != "nodes":
            if operator == "!=" and right.constant is not None:
                return self.other(left, right.constant)
            code = right.code if operator == "!=" else self.number(right)
            return self.some(left, lambda item: ordered(operator, item, code))
        pairs = [
            self.quantified(
                (*one.clauses, *other.clauses), ordered(operator, one.value, other.value)
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
        return f"any({test} {' '.join(clauses)})" if clauses else test

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
        for step in expression.steps:
            flows = [found for flow in flows for found in self.step(flow, step)]
            if len(flows) > _MANY:
                self.refuse(f"leads to more than {_MANY} nodes of the schema")
        yield from flows

    def step(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield the nodes that one step leads to."""
        match step.axis:
            case "child":
                for node in self.scope.children(flow.spot.node, names_of(step.test)):
                    if flow.spot.node is None:
                        self.modules.add(datatree.module_of(node))
                    yield from self.child(flow, node, step.predicates)
                if step.test == "text()" and flow.spot.node is not None:
                    yield flow
            case "self":
                if self.scope.matches(flow.spot.node, step.test):
                    yield self.filtered(flow, step.predicates)
            case "parent" | "ancestor" | "ancestor-or-self":
                yield from self.upwards(flow, step)
            case "descendant" | "descendant-or-self":
                yield from self.downwards(flow, step)
            case "preceding-sibling" | "following-sibling":
                yield siblings.beside(self, flow, step)
            case axis:
                self.refuse(f"axis {axis} is about an order that JSON documents do not have")

    def child(
        self, flow: Flow, node: Statement, predicates: tuple[Expression, ...]
    ) -> Iterator[Flow]:
        """Yield the instances of a child in the schema."""
        name, above = datatree.member(node), flow.spot.places
        if node.keyword in {"list", "leaf-list"}:
            place = above[0]
            arguments = ", ".join([place.base, *map(quote, (*place.names, name))])
            kind = "rows" if node.keyword == "list" else "values"
            yield self.entries(flow, node, f"{kind}({arguments})", predicates)
            return
        spot = Spot(node, (above[0].child(name), *above))
        yield self.filtered(replace(flow, spot=spot), predicates)

    def upwards(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield the parent, or all ancestors."""
        current = flow
        if step.axis == "ancestor-or-self" and self.scope.matches(flow.spot.node, step.test):
            yield self.filtered(flow, step.predicates)
        while (above := current.spot.up()) is not None:
            if current.spot.places[0].names and current.existing != above.places[0].value:
                current = current.where(f"{current.existing} is not None")
            current = replace(current.ascended(), spot=above)
            named = above.node is None and step.test == "node()"
            if named or self.scope.matches(above.node, step.test):
                yield self.filtered(current, step.predicates)
            if step.axis == "parent":
                return

    def downwards(self, flow: Flow, step: Step) -> Iterator[Flow]:
        """Yield all descendants."""
        if step.axis == "descendant-or-self" and (
            step.test == "node()" or self.scope.matches(flow.spot.node, step.test)
        ):
            yield self.filtered(flow, step.predicates)
        if flow.spot.node is not None and flow.spot.node.keyword not in {"container", "list"}:
            return
        for node in self.scope.below(flow.spot.node):
            named = self.scope.matches(node, step.test)
            for found in self.child(flow, node, step.predicates if named else ()):
                inner = replace(step, axis="descendant")
                if named:
                    yield found
                yield from self.downwards(found, inner)

    # Predicates

    def filtered(self, flow: Flow, predicates: tuple[Expression, ...]) -> Flow:
        """Return the nodes that pass all predicates."""
        for predicate in predicates:
            if not re.fullmatch(r"\w+", flow.value):
                flow = flow.bind(self.variable())
            value = self.value(predicate, Focus(flow.spot))
            flow = flow.where(self.truth(value) if value.kind != "num" else f"{value.code} == 1")
        return flow

    def entries(
        self, flow: Flow, node: Statement, rows: str, predicates: tuple[Expression, ...]
    ) -> Flow:
        """Return the entries of a list that pass all predicates, by an index if that can be."""
        variable = self.variable()
        spot = Spot(node, (Place(variable), *flow.spot.places))
        clause = f"for {variable} in {rows}"
        conditions: list[str] = []
        for number, predicate in enumerate(predicates):
            if is_positional(predicate):
                if conditions:
                    clause = (
                        f"for {variable} in [{variable} {clause} if {joined('and', conditions)}]"
                    )
                    conditions = []
                clause, condition = self.positioned(clause, variable, spot, predicate)
                conditions.append(condition)
                continue
            keys = {} if number or node.keyword != "list" else self.keys(spot, predicate)
            if keys:
                names = ", ".join(map(quote, keys))
                values = ", ".join(keys.values())
                comma = "," if len(keys) == 1 else ""
                clause = f"for {variable} in tree.find({rows}, ({names}{comma}), ({values}{comma}))"
            conditions += [
                self.truth(self.value(part, Focus(spot)))
                for part in conjuncts(predicate)
                if not keys or self.key(spot, part) is None
            ]
        clauses = (*flow.clauses, clause, *(f"if {condition}" for condition in conditions))
        return replace(flow, spot=spot, clauses=clauses)

    def positioned(
        self, clause: str, variable: str, spot: Spot, predicate: Expression
    ) -> tuple[str, str]:
        """Return a clause that counts the entries, and the condition on their number."""
        counter, rows = f"{variable}_at", clause.partition(" in ")[2]
        focus = Focus(spot, counter, f"len({rows})")
        value = self.value(predicate, focus)
        condition = f"{counter} == {value.code}" if value.kind == "num" else self.truth(value)
        return f"for {counter}, {variable} in enumerate({rows}, 1)", condition

    def keys(self, spot: Spot, predicate: Expression) -> dict[str, str]:
        """Return the leaves that a predicate says are equal to what an entry does not decide."""
        pairs = (self.key(spot, part) for part in conjuncts(predicate))
        return dict(pair for pair in pairs if pair)

    def key(self, spot: Spot, part: Expression) -> tuple[str, str] | None:
        """Return a leaf of the entry and what it must equal, if that is what a condition says."""
        if not isinstance(part, Operation) or part.operator != "=":
            return None
        for near, far in ((part.left, part.right), (part.right, part.left)):
            leaf = leaves.own(self.scope, spot, near)
            if leaf is None:
                continue
            saved = len(self.helpers), self.variables
            value = self.value(far, Focus(spot))
            code = self.text_key(leaf, value)
            entry = spot.places[0].base
            if code and not re.search(rf"\b{entry}\b", unquoted(code)):
                return datatree.member(leaf), code
            del self.helpers[saved[0] :]
            self.variables = saved[1]
        return None

    def text_key(self, leaf: Statement, value: Value) -> str:
        """Return the source of what a key leaf is compared to, empty if it is no single value."""
        if value.kind == "nodes":
            return value.single.value if value.single else ""
        if value.constant is not None:
            return self.typed(leaf, value.constant) or ""
        return value.code if value.kind == "text" else ""

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
