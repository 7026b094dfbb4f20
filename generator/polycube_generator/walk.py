"""From pyang's statements to the nodes of the IR: one pass over the tree of a module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from polycube_generator import (
    bindings,
    choices,
    datatree,
    defaults,
    defines,
    ebpf,
    ir,
    metrics,
    names,
    parsing,
    said,
    types,
)
from polycube_generator.parsing import DEPTH, TOO_DEEP
from polycube_generator.problems import Place, Problem
from polycube_generator.rules import Rules
from polycube_generator.scoping import (
    LISTS,
    Scope,
    binds_inside,
    holds_lists_only,
    inner,
    is_conditional,
)
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

BASE_MODULES = frozenset({"polycube-base", "polycube-standard-base", "polycube-transparent-base"})
_NO_DATA = frozenset({"action", "rpc", "notification"})


def place(statement: Statement) -> Place:
    """Return where a statement is, the file as pyang was given it."""
    return parsing.place(statement.pos)


def extension(statement: Statement, name: str) -> str | None:
    """Return the argument of a statement of polycube-base, or None if it is not there."""
    found = statement.search_one(("polycube-base", name))
    return None if found is None else " ".join((found.arg or "").split())


def is_base(statement: Statement) -> bool:
    """Tell whether a node is the daemon's."""
    return statement.i_orig_module.arg in BASE_MODULES


def _unique(statement: Statement) -> tuple[tuple[str, ...], ...]:
    """Return the groups of leaves that are unique, as paths of members below an entry."""
    groups = []
    for unique, leaves in getattr(statement, "i_unique", ()):
        del unique
        groups.append(tuple("/".join(_members(leaf, statement)) for leaf in leaves))
    return tuple(groups)


def _members(leaf: Statement, above: Statement) -> list[str]:
    found: list[str] = []
    node: Statement | None = leaf
    while node is not None and node is not above:
        found.insert(0, datatree.member(node))
        node = datatree.parent(node)
    return found


@dataclass(slots=True)
class Walk:
    """One pass over the tree; problems are collected, and the walk goes on."""

    module: Statement
    service: bool = True
    problems: list[Problem] = field(default_factory=list)
    maps: list[ir.Map] = field(default_factory=list)
    bound: list[tuple[Statement, ebpf.Bindable]] = field(default_factory=list)
    lists: dict[Statement, ir.List] = field(default_factory=dict)
    defined: list[ir.Defined] = field(default_factory=list)
    nodes: list[Statement] = field(default_factory=list)
    rules: Rules = field(init=False)
    _types: types.Types = field(init=False)

    def __post_init__(self) -> None:
        """Know addresses in services only."""
        self.rules = Rules(addresses=self.service)
        self._types = types.Types(self.service)

    def children(self, parent: Statement, scope: Scope) -> tuple[ir.Node, ...]:
        """Return the nodes below ``parent``, those of the daemon first."""
        return self.made(sorted(inner(parent), key=self.order), scope)

    def made(self, statements: list[Statement], scope: Scope) -> tuple[ir.Node, ...]:
        """Return the nodes of statements; those that cannot be made become problems."""
        nodes = []
        for statement in statements:
            try:
                nodes.append(self._node(statement, scope))
            except Unsupported as refusal:
                self.refuse(refusal.statement, refusal.message)
        return tuple(nodes)

    def choices(self, statement: Statement) -> tuple[ir.Choice, ...]:
        """Return the choices directly below a node or module; none if one cannot be made."""
        try:
            return choices.below(statement, self.rules.when)
        except Unsupported as refusal:
            self.refuse(refusal.statement, refusal.message)
            return ()

    def refuse(self, statement: Statement, message: str) -> None:
        """Note what is wrong with a statement."""
        self.problems.append(Problem(place(statement), message))

    def all_maps(self, children: tuple[ir.Node, ...]) -> tuple[ir.Map, ...]:
        """Return the maps, checked against each other and against what they refer to."""
        self._bind_lists()
        order = {node.path: number for number, node in enumerate(_flat(children))}
        self.maps.sort(key=lambda one: order[one.node])
        seen: dict[str, ir.Map] = {}
        for map_ in self.maps:
            for name in map_.names:
                if other := seen.get(name):
                    message = f"map {name} is already that of /{other.node}; choose another name"
                    self.problems.append(Problem(map_.place, message))
                seen[name] = map_
        ages = {node.path for node in _flat(children) if isinstance(node, ir.Leaf)}
        for map_ in self.maps:
            for _, held in map_.value.fields:
                if held.expiry and held.expiry.strip("/") not in ages:
                    message = f"expiry {held.expiry} is not a leaf of this service; give its path"
                    self.problems.append(Problem(held.leaf.place, message))
        return tuple(self.maps)

    def all_metrics(self, children: tuple[ir.Node, ...]) -> tuple[ir.Metric, ...]:
        """Return the metrics of all nodes, whose paths lead anywhere in the whole tree."""
        found = []
        for statement in self.nodes:
            try:
                found.append(metrics.of(statement, children))
            except Unsupported as refusal:
                self.refuse(refusal.statement, refusal.message)
        known = tuple(metric for metric in found if metric)
        for metric, message in metrics.clashes(known):
            self.problems.append(Problem(metric.place, message))
        return known

    def order(self, statement: Statement) -> tuple[int, str, int]:
        """Put the daemon's nodes first, then the module's own as they are, then augmentations."""
        if is_base(statement):
            return (0, "", 0)
        if statement.i_module.i_modulename == self.module.i_modulename:
            return (1, "", 0)
        return (2, statement.i_module.arg, statement.pos.line)

    def _node(self, statement: Statement, scope: Scope) -> ir.Node:
        makers: dict[str, Callable[[Statement, Scope], ir.Node]] = {
            "leaf": self._leaf,
            "leaf-list": self._leaf_list,
            "container": self._container,
            "list": self._list,
            "action": self._action,
            # YANG has no actions at the top of a module, where the cube is: rpc stands for them.
            "rpc": self._action,
            "notification": self._notification,
            "anydata": self._any_data,
            "anyxml": self._any_data,
        }
        make = makers.get(statement.keyword)
        if make is None:
            raise Unsupported(statement, f"{statement.keyword} {statement.arg} is not supported")
        if len(scope.path) >= DEPTH:
            raise Unsupported(statement, TOO_DEEP)
        self.nodes.append(statement)
        return make(statement, scope)

    def _common(self, statement: Statement, scope: Scope) -> dict[str, Any]:
        """Return what all nodes have."""
        path = (*scope.path, statement.arg)
        return {
            "name": datatree.member(statement) if self._is_data(statement) else statement.arg,
            "path": "/".join(path),
            "attr": names.python_attr(path) if self.service else "",
            "field": names.python_field(statement.arg),
            "place": place(statement),
            "description": types.description(statement),
            "config": scope.action or bool(statement.i_config),
            "init_only": extension(statement, "init-only-config") is not None,
            "example": extension(statement, "cli-example") or "",
            "base": is_base(statement),
            "module": self._module(statement),
            "conditional": is_conditional(statement) or self._goes(statement, scope),
            "when": () if is_base(statement) else self.rules.when(statement),
            "must": () if is_base(statement) else self.rules.must(statement),
            "said": said.of(statement),
        }

    def _goes(self, statement: Statement, scope: Scope) -> bool:
        """Tell whether a node goes with what is around it, other than an entry that holds it."""
        if not (scope.bindable or statement.keyword in LISTS):
            return False
        return scope.fleeting or (scope.optional and bindings.find(statement, "map") is not None)

    def _is_data(self, statement: Statement) -> bool:
        return statement.keyword not in _NO_DATA

    def _module(self, statement: Statement) -> str:
        """Return the module of a node where it is not that of its parent."""
        own = datatree.module_of(statement)
        if self.service and own == self.module.i_modulename:
            return ""
        if self.service and is_base(statement):
            return ""
        above = datatree.parent(statement)
        return "" if above is not None and datatree.module_of(above) == own else own

    def _binding(self, statement: Statement, scope: Scope) -> str:
        """Return the name of the map bound here; refuse it where there can be none."""
        binding = bindings.find(statement, "map")
        if binding is None:
            return ""
        if scope.action:
            raise Unsupported(binding, "the parameters of an action are in no map")
        if not scope.binds(statement):
            message = (
                "inside of a list only lists and containers can be bound, inside of a bound node "
                "only lists; bind that one"
            )
            raise Unsupported(binding, message)
        if scope.reported:
            message = f"{scope.reported} is known to the control plane only: bind that list as well"
            raise Unsupported(binding, message)
        return str(binding.arg)

    def _leaf(self, statement: Statement, scope: Scope) -> ir.Leaf:
        type_ = self.type(statement)
        own = self._binding(statement, scope)
        given = defaults.of_leaf(statement)
        leaf = ir.Leaf(
            **self._common(statement, scope),
            type=type_,
            key=hasattr(statement, "i_is_key"),
            mandatory=_is_true(statement, "mandatory") or hasattr(statement, "i_is_key"),
            default=None if given is None else defaults.value(type_, given),
            units=said.units(statement),
            exists=self.rules.exists(statement, always=scope.action or not self.service),
            binding=own or self._membership(statement, scope),
        )
        if found := defines.of_leaf(statement, leaf):
            self.defined.append(found)
        if own:
            self.maps.append(ebpf.bind(statement, leaf, {}))
        return leaf

    def _membership(self, statement: Statement, scope: Scope) -> str:
        """Return the map of the list or container around a leaf, if the leaf is in it."""
        if not scope.binding:
            is_key = hasattr(statement, "i_is_key")
            for keyword in () if is_key and binds_inside(statement.parent) else bindings.ON_LEAF:
                if found := bindings.find(statement, keyword):
                    message = f"ebpf:{keyword} has no effect here: the leaf is in no map"
                    raise Unsupported(found, message)
            return ""
        if none := bindings.find(statement, "none"):
            if hasattr(statement, "i_is_key"):
                raise Unsupported(none, f"{statement.arg} is a key, and must be in the map")
            return ""
        return scope.binding

    def _leaf_list(self, statement: Statement, scope: Scope) -> ir.LeafList:
        type_ = self.type(statement)
        own = self._binding(statement, scope)
        pool = own if ebpf.is_pool(statement) else ""
        node = ir.LeafList(
            **self._common(statement, scope),
            type=type_,
            default=tuple(defaults.value(type_, one) for one in defaults.of_leaf_list(statement)),
            exists=self.rules.exists(statement, always=scope.action or not self.service),
            **_counts(statement),
            units=said.units(statement),
            binding="" if pool else own or self._membership(statement, scope),
            pool=pool,
        )
        if own:
            self.bound.append((statement, node))
        return node

    def _container(self, statement: Statement, scope: Scope) -> ir.Container:
        own = self._binding(statement, scope)
        presence = statement.search_one("presence") is not None
        inside = presence or not holds_lists_only(statement)
        binding = own or (scope.binding if inside else "")
        before = len(self.problems)
        container = ir.Container(
            **self._common(statement, scope),
            children=self.children(statement, scope.below(statement, binding)),
            presence=presence,
            choices=self.choices(statement),
            binding=binding,
        )
        if own and len(self.problems) == before and scope.entry is None:
            self.maps.append(ebpf.bind(statement, container, ebpf.statements(statement)))
        elif own and len(self.problems) == before:
            self.bound.append((statement, container))
        return container

    def _list(self, statement: Statement, scope: Scope) -> ir.List:
        if bindings.find(statement, "map") is None:
            self._unbound(statement, scope)
        binding = self._binding(statement, scope)
        keys = tuple(key.arg for key in statement.i_key or ())
        if not keys and statement.i_config and not scope.action and self.service:
            raise Unsupported(statement, f"list {statement.arg} needs a key")
        if binding and not keys:
            raise Unsupported(statement, f"list {statement.arg} needs a key to be bound to a map")
        before = len(self.problems)
        list_ = ir.List(
            **self._common(statement, scope),
            keys=keys,
            children=self.children(statement, scope.below(statement, binding)),
            **_counts(statement),
            choices=self.choices(statement),
            unique=_unique(statement),
            binding=binding,
        )
        if binding and len(self.problems) == before:
            self.bound.append((statement, list_))
        self.lists[statement] = list_
        return list_

    def _bind_lists(self) -> None:
        """Make the maps of lists, once the lists around them are made too."""
        for statement, node in [] if self.problems else self.bound:
            around = [one for one in _ancestors(statement) if one.keyword == "list"]
            keys = [
                (leaf, ebpf.statements(one)[leaf.name], one.arg)
                for one in around
                for leaf in self.lists[one].key_leaves
            ]
            try:
                leaves = {} if isinstance(node, ir.LeafList) else ebpf.statements(statement)
                self.maps.append(ebpf.bind(statement, node, leaves, keys))
            except Unsupported as refusal:
                self.refuse(refusal.statement, refusal.message)

    def _action(self, statement: Statement, scope: Scope) -> ir.Action:
        self._unbound(statement, scope)
        common = self._common(statement, scope) | {"config": True}
        if self.service:
            common["attr"] = names.python_method(common["attr"])
        return ir.Action(
            **common,
            input=self._side(statement, scope, "input"),
            output=self._side(statement, scope, "output"),
        )

    def _side(self, action: Statement, scope: Scope, keyword: str) -> ir.Container | None:
        """Return the input or output of an action; pyang has both even where the model does not."""
        statement = next(child for child in action.i_children if child.keyword == keyword)
        side = Scope(path=(*scope.path, action.arg, keyword), bindable=False, action=True)
        children = self.children(statement, side)
        if not children:
            return None
        return ir.Container(
            keyword,
            path="/".join(side.path),
            attr=names.python_attr(side.path) if self.service else "",
            field=keyword,
            place=place(statement if statement.pos.line else action),
            must=self.rules.must(statement),
            children=children,
            choices=self.choices(statement),
        )

    def _notification(self, statement: Statement, scope: Scope) -> ir.Notification:
        binding = bindings.argument(statement, "map") or ""
        within = Scope((*scope.path, statement.arg), binding, bindable=False, action=True)
        before = len(self.problems)
        notification = ir.Notification(
            **(self._common(statement, scope) | {"config": False}),
            children=self.children(statement, within),
            choices=self.choices(statement),
            binding=binding,
        )
        if binding and len(self.problems) == before:
            self.bound.append((statement, notification))
        return notification

    def _any_data(self, statement: Statement, scope: Scope) -> ir.AnyData:
        self._unbound(statement, scope)
        return ir.AnyData(
            **self._common(statement, scope),
            mandatory=_is_true(statement, "mandatory"),
            any_value=statement.keyword == "anyxml",
        )

    def type(self, statement: Statement) -> ir.Type:
        """Return the type of a leaf."""
        return self._types.of(statement)

    def _unbound(self, statement: Statement, scope: Scope) -> None:
        """Refuse what is not a leaf inside of a bound node."""
        if scope.binding:
            message = (
                f"{statement.keyword} {statement.arg} cannot be in map {scope.binding}, "
                "which holds leaves only; move it out of the bound node"
            )
            raise Unsupported(statement, message)


def _flat(nodes: tuple[ir.Node, ...]) -> list[ir.Node]:
    """Return all nodes, in the order of the model."""
    result: list[ir.Node] = []
    for node in nodes:
        result.append(node)
        if isinstance(node, ir.Container | ir.List):
            result += _flat(node.children)
    return result


def _ancestors(statement: Statement) -> list[Statement]:
    """Return the nodes around a statement, the outermost first."""
    found: list[Statement] = []
    node = datatree.parent(statement)
    while node is not None:
        found.insert(0, node)
        node = datatree.parent(node)
    return found


def _argument(statement: Statement, keyword: str) -> str:
    found = statement.search_one(keyword)
    return "" if found is None else str(found.arg)


def _is_true(statement: Statement, keyword: str) -> bool:
    return _argument(statement, keyword) == "true"


def _counts(statement: Statement) -> dict[str, Any]:
    greatest = _argument(statement, "max-elements")
    return {
        "min_elements": int(_argument(statement, "min-elements") or 0),
        "max_elements": int(greatest) if greatest.isdigit() else 0,
        "ordered_by_user": _argument(statement, "ordered-by") == "user",
    }
