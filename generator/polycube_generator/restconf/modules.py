"""The modules that RESTCONF has for a service: one with a list of cubes, and what it needs.

A service's model describes one cube; here there are many, so the list of them is at the top. What
other modules add to the model, and identities that they have, are in modules of their names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import datatree, types
from polycube_generator.restconf.expressions import Prefixes
from polycube_generator.restconf.leaftypes import block, is_standard, quoted
from polycube_generator.restconf.printing import Printer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement

Lines = list[str]

_NAME = block(
    "leaf name",
    [
        *block("type string", ["length '1..128';", "pattern '[^\\s/:.][^\\s/:]*';"]),
        "description 'Name of the cube';",
    ],
)


def texts(service: Statement) -> dict[str, str]:
    """Return the text of each module, by its name; that of the service comes first."""
    found: dict[str, str] = {}
    pending = {service.arg: service, **_augmenting(service)}
    while pending:
        name = min(pending, key=lambda one: (one != service.arg, one))
        prefixes = Prefixes(name)
        found[name] = _text(service, pending.pop(name), prefixes)
        others = {one: service.i_ctx.get_module(one) for one in prefixes.used - found.keys()}
        pending |= {one: other for one, other in others.items() if other and not is_standard(other)}
    return {name: found[name] for name in [service.arg, *sorted(found.keys() - {service.arg})]}


def _augmenting(service: Statement) -> dict[str, Statement]:
    """Return the modules that add nodes to the service's."""
    names = {datatree.module_of(node) for _, node in _foreign(service, service.arg)}
    return {name: service.i_ctx.get_module(name) for name in names}


def _foreign(parent: Statement, module: str) -> Iterator[tuple[Statement, Statement]]:
    """Yield each node that is of another module than what it is in, `module`, with that."""
    for node in parent.i_children:
        if hasattr(node, "i_not_implemented"):
            continue
        own = datatree.module_of(node)
        if own != module:
            yield parent, node
        yield from _foreign(node, own) if hasattr(node, "i_children") else ()


def _text(service: Statement, module: Statement, prefixes: Prefixes) -> str:
    body = _body(service, module, prefixes)
    head = [
        "yang-version 1.1;",
        f"namespace {quoted(_namespace(service, module))};",
        f"prefix {module.arg};",
    ]
    for name in sorted(prefixes.used):
        head += block(f"import {name}", [f"prefix {name};"])
    about = types.text_of(module, "description")
    head += [f"description {quoted(about)};"] if about else []
    if revisions := [one.arg for one in module.search("revision")]:
        head.append(f"revision {max(revisions)};")
    return "\n".join([*block(f"module {module.arg}", [*head, *body]), ""])


def _namespace(service: Statement, module: Statement) -> str:
    """Return the namespace: a service's own is that of the model of one cube."""
    own = types.text_of(module, "namespace")
    return f"urn:polycube:cubes:{module.arg}" if module is service else own


def _body(service: Statement, module: Statement, prefixes: Prefixes) -> Lines:
    """Return the lines of the identities and nodes of a module."""
    # What is of another module is served together with what that adds to other services.
    printer = Printer(prefixes, "" if module is service else f"{service.arg}-")
    nodes: Lines = []
    if module is service:
        nodes = block(f"list {service.arg}", ["key 'name';", *_NAME, *printer.nodes(service)])
    else:
        for parent, node in _foreign(service, service.arg):
            if datatree.module_of(node) == module.arg:
                where = quoted(_schema_path(service, parent, prefixes))
                nodes += block(f"augment {where}", printer.node(node, config=_is_config(parent)))
    groupings = [line for one in printer.groupings for line in one]
    return [*_identities(module, prefixes), *groupings, *nodes]


def _is_config(parent: Statement) -> bool:
    return bool(getattr(parent, "i_config", True)) and parent.keyword not in {"input", "output"}


def _schema_path(service: Statement, node: Statement, prefixes: Prefixes) -> str:
    """Return the path of a schema node, choices and cases included."""
    names: list[str] = []
    while node.keyword != "module":
        names.insert(0, f"{prefixes.of(datatree.module_of(node))}{node.arg or node.keyword}")
        node = node.parent
    return "/" + "/".join([f"{prefixes.of(service.arg)}{service.arg}", *names])


def _identities(module: Statement, prefixes: Prefixes) -> Lines:
    found: Lines = []
    for identity in module.i_identities.values():
        if hasattr(identity, "i_not_implemented"):
            continue
        inner = []
        for base in identity.search("base"):
            above = base.i_identity
            inner.append(f"base {prefixes.of(above.i_module.i_modulename)}{above.arg};")
        if about := types.description(identity):
            inner.append(f"description {quoted(about)};")
        found += block(f"identity {identity.arg}", inner)
    return found
