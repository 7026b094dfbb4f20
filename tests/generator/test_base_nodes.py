"""support.base describes the nodes of the base modules once; here is the proof that it is right."""

import pytest

from polycube_generator import ir, python, views
from polycube_runtime.support import base, schema, types
from polycube_runtime.support.schema import UNBOUNDED


def resolved(models, kind: str) -> dict[str, ir.Node]:
    return {node.path: node for node in models.load("", kind=kind).children}


def evaluate(code: python.Code):
    """Return the node that generated source makes."""
    names = {**vars(schema), **vars(types)}
    return eval(python.render(code), names)  # noqa: S307  (source that the generator has made)


def same(made, described) -> bool:
    """Compare nodes, which compare by identity, by what they say."""
    ignored = {"by_name", "children", "model", "base", "_"}
    fields = [name for name in type(made).__dataclass_fields__ if name not in ignored]
    return type(made) is type(described) and all(
        getattr(made, name) == getattr(described, name) for name in fields
    )


@pytest.mark.parametrize("kind", ["standard", "transparent"])
def test_leaves_are_as_in_the_modules(models, kind):
    nodes = resolved(models, kind)
    for path in nodes.keys() - {"ports"}:
        described = getattr(base, nodes[path].attr.upper())
        assert same(evaluate(views.plain(nodes[path])), described), path
        assert described.base


def test_ports_are_as_in_the_module(models):
    node = resolved(models, "standard")["ports"]
    described = base.ports()
    assert (described.keys, described.min_elements, described.max_elements) == (
        node.keys,
        0,
        UNBOUNDED,
    )
    assert described.description == node.description
    made = [evaluate(views.plain(child)) for child in node.children]
    assert [child.name for child in made] == [child.name for child in described.children]
    assert all(map(same, made, described.children))
