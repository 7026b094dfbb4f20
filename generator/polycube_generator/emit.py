"""From the IR to files: render the templates, in memory.

The result maps paths below the output folder to their text. It depends on the models and the
templates alone: not on time, place, order of input or the seed of hashes.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from polycube_generator import (
    functions,
    ir,
    mapviews,
    markdown,
    modelviews,
    openapi,
    python,
    resources,
    views,
)
from polycube_generator.annotations import annotation
from polycube_generator.ebpf import events, pools
from polycube_generator.problems import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polycube_generator.scaffold import Plan
    from polycube_generator.starting import Starting

MARK = "by polycube-gen; DO NOT EDIT."
"""How every generated file is known as such, in its first line (JSON: in its first member)."""

TEMPLATES = ("__init__.py", "base.py", "maps.h", "maps.py", "models.py", "nodes.py", "routes.py")

MODEL_TEMPLATES = ("__init__.py", "models.py", "nodes.py")
"""Those of a model that is no service."""

Files = dict[str, str]


def render(models: Iterable[ir.Service | ir.Module]) -> Files:
    """Return all files of ``models``, and the package around them."""
    files = {
        "__init__.py": _template("package.py", header=first_line("yang/")),
        "py.typed": f"# {first_line('yang/')}\n",
    }
    for model in _distinct(models):
        made = _package(model) if isinstance(model, ir.Service) else _model(model)
        files |= {f"{model.package}/{name}": text for name, text in made.items()}
    return dict(sorted(files.items()))


def _distinct(models: Iterable[ir.Service | ir.Module]) -> Iterator[ir.Service | ir.Module]:
    """Yield the models; refuse two that would be one package."""
    seen: dict[str, str] = {}
    for model in models:
        other = seen.setdefault(model.package, model.name)
        if other != model.name:
            message = f"{model.name} and {other} are both package {model.package}; rename one"
            raise fail(model.source, message)
        yield model


def scaffold(template: str, plan: Plan, start: Starting | None = None) -> str:
    """Return a file of a new service, which is its author's from then on."""
    return _template(f"scaffold/{template}", plan=plan, start=start)


def reference(template: str, **context: object) -> str:
    """Return a page of the reference."""
    return _template(f"reference/{template}", **context)


def client(template: str, **context: object) -> str:
    """Return a module of a package of clients."""
    return _template(f"client/{template}", **context)


def first_line(source: str) -> str:
    """Return the first line of what is generated from ``source``."""
    return f"Generated from {source} {MARK}"


def _package(service: ir.Service) -> Files:
    header = first_line(service.source)
    files = {name: _template(name, service=service, header=header) for name in TEMPLATES}
    files |= _rules(service, header)
    for name, text in service.restconf.items():
        files[f"{name}.yang"] = f"// {header}\n{text}"
    files["openapi.json"] = openapi.text({"x-generated-from": header, **openapi.document(service)})
    return files


def _model(module: ir.Module) -> Files:
    header = first_line(module.source)
    package = modelviews.Package.of(module)
    named = {"package": package, "module": module, "header": header}
    files = {name: _template(f"model/{name}", **named) for name in MODEL_TEMPLATES}
    return files | _rules(module, header)


def _rules(model: ir.Service | ir.Module, header: str) -> Files:
    """Return the module of the constraints, if there are any."""
    if not model.functions:
        return {}
    text = _template("rules.py", about=model.name, functions=model.functions, header=header)
    return {"rules.py": text}


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
        annotation,
        events.pages,
        views.all_exports,
        functions.function,
        functions.rules_imports,
        modelviews.model_models_imports,
        modelviews.model_nodes_imports,
        modelviews.nodes_source,
        views.attribute,
        views.base_imports,
        views.comment,
        python.docstring,
        views.hook,
        mapviews.map_names,
        markdown.block,
        markdown.cell,
        markdown.code,
        markdown.prose,
        mapviews.maps_imports,
        views.models_imports,
        views.nodes_imports,
        views.notice,
        views.package_imports,
        python.quote,
    )
    environment.filters |= {function.__name__: function for function in named}
    environment.filters |= {
        "map_code": lambda item, before: python.render(mapviews.map_(item), 0, before),
        "resource_code": lambda item: python.render(views.resource(item), 1, after=1),
        "service_code": lambda item: python.render(views.service(item), 0, len("SERVICE = ")),
    }
    environment.filters["pools"] = pools.of
    environment.tests["constant"] = functions.is_constant
    environment.tests["data"] = lambda node: not isinstance(node, ir.Action | ir.Notification)
    return environment
