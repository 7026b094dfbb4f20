"""From the IR to files: render the templates, in memory.

The result maps paths below the output folder to their text. It depends on the models and the
templates alone: not on time, place, order of input or the seed of hashes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from polycube_generator import ir, openapi, python, resources, views

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_generator.scaffold import Plan

MARK = "by polycube-gen; DO NOT EDIT."
"""How every generated file is known as such, in its first line (JSON: in its first member)."""

TEMPLATES = ("__init__.py", "base.py", "maps.h", "maps.py", "models.py", "nodes.py", "routes.py")

Files = dict[str, str]


def render(services: Iterable[ir.Service]) -> Files:
    """Return all files of ``services``, and the package around them."""
    files = {
        "__init__.py": _template("package.py", header=_header("yang/")),
        "py.typed": f"# {_header('yang/')}\n",
    }
    for service in services:
        files |= {f"{service.package}/{name}": text for name, text in _package(service).items()}
    return dict(sorted(files.items()))


def scaffold(template: str, plan: Plan) -> str:
    """Return a file of a new service, which is its author's from then on."""
    return _template(f"scaffold/{template}", plan=plan)


def _header(source: str) -> str:
    return f"Generated from {source} {MARK}"


def _package(service: ir.Service) -> Files:
    header = _header(service.source)
    files = {name: _template(name, service=service, header=header) for name in TEMPLATES}
    files["openapi.json"] = openapi.text({"x-generated-from": header, **openapi.document(service)})
    return files


def _template(name: str, **context: object) -> str:
    return _environment().get_template(f"{name}.j2").render(**context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(resources.templates()),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    named = (
        views.all_exports,
        views.attribute,
        views.base_imports,
        views.comment,
        python.docstring,
        views.hook,
        views.map_names,
        views.maps_imports,
        views.models_imports,
        views.nodes_imports,
        views.package_imports,
        python.quote,
    )
    environment.filters |= {function.__name__: function for function in named}
    environment.filters |= {
        "map_code": lambda item, before: python.render(views.map_(item), 0, before),
        "resource_code": lambda item: python.render(views.resource(item), 1, after=1),
        "service_code": lambda item: python.render(views.service(item), 0, len("SERVICE = ")),
    }
    environment.tests["data"] = lambda node: not isinstance(node, ir.Action)
    return environment
