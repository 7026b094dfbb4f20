"""Start a new service: model, C function, control plane and test, ready to build and to change.

It may begin with a model that is there already: then C and Python have a place for every map and
node of it. In a checkout the files take their places in its rooms; elsewhere they make a package of
their own with its model beside it, as a third party's service is laid out.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import adapt, emit, names, publish, resources, schema, starting
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_generator.adapt import Adapted

_MODEL = "model.yang"
"""In place of a template: the text of a model that was there."""
_TABLE = '[project.entry-points."polycube.services"]'


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new service is called, and where its parts go."""

    name: str
    kind: str
    models: Path
    package: Path
    tests: Path
    out: Path
    generated: str
    entry_point: str
    adapted: Adapted | None = None

    @property
    def class_name(self) -> str:
        """Name of the hand-written class."""
        return names.camel(self.name)

    @property
    def module(self) -> str:
        """Where the hand-written class is imported from."""
        return self.entry_point.partition('"')[2].partition(":")[0]

    @property
    def files(self) -> dict[Path, str]:
        """The files to write by hand from now on, each with its template."""
        sides = ("ingress", "egress") if self.kind == "transparent" else ("datapath",)
        made = "adapted/" if self.adapted else ""
        return {
            self.models / f"{self.name}.yang": _MODEL if made else f"{self.kind}.yang",
            self.package / "__init__.py": f"{made}service.py",
            **{
                self.package / f"{side}.c": f"{made}datapath.c" if made else f"{side}.c"
                for side in sides
            },
            self.tests / f"test_{self.package.name}.py": f"{made}test.py",
        }


def plan(name: str, root: Path, *, transparent: bool = False, model: Path | None = None) -> Plan:
    """Return the plan for service ``name`` in ``root``, made of ``model`` if there is one.

    Raises:
        GeneratorError: the name will not do, or a service cannot be made of the model.

    """
    package = names.snake(name)
    ours = root / "services" / "polycube_services"
    in_rooms = root == resources.checkout() or ours.is_dir()
    _require_name(name, package, in_rooms=in_rooms)
    adapted = adapt.service(model, name, transparent=transparent) if model else None
    kind = adapted.service.kind if adapted else "transparent" if transparent else "standard"
    if in_rooms:
        return Plan(
            name=name,
            kind=kind,
            models=root / "yang",
            package=ours / package,
            tests=root / "tests" / "services",
            out=root / "generated" / "polycube_generated",
            generated="polycube_generated",
            entry_point=f'{name} = "polycube_services.{package}:{names.camel(name)}"',
            adapted=adapted,
        )
    return Plan(
        name=name,
        kind=kind,
        models=root / "yang",
        package=root / package,
        tests=root / "tests",
        out=root / package / "_generated",
        generated=f"{package}._generated",
        entry_point=f'{name} = "{package}:{names.camel(name)}"',
        adapted=adapted,
    )


def _require_name(name: str, package: str, *, in_rooms: bool) -> None:
    if name in names.INTERFACE_WORDS:
        raise fail(name, "is a word of the REST interface and of polycubectl; take another name")
    if not names.is_service(name):
        advice = "take lower-case letters, digits and single -, starting with a letter"
        raise fail(name, f"cannot name a service; {advice}")
    if package in sys.stdlib_module_names and not in_rooms:
        raise fail(name, f"as a package hides Python's own module {package}; take another name")


def create(plan_: Plan, root: Path) -> list[str]:
    """Write the files of a new service and generate its code; return what to tell the user.

    Nothing is written if any of the files exists.
    """
    if existing := [path for path in plan_.files if path.exists()]:
        advice = "is there already; new never overwrites"
        raise GeneratorError(Problem(Place(str(path)), advice) for path in existing)
    texts = {path: _text(template, plan_) for path, template in plan_.files.items()}
    for name, text in plan_.adapted.beside.items() if plan_.adapted else ():
        if not (plan_.models / name).exists():
            texts[plan_.models / name] = text
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    files = emit.render(schema.load(plan_.models, [plan_.name]))
    written = publish.write(plan_.out, files)
    told = [f"wrote {path}" for path in texts]
    told += [f"generated {plan_.out / name}" for name in written]
    return [*told, _register(plan_, root / "pyproject.toml")]


def _text(template: str, plan_: Plan) -> str:
    if plan_.adapted is None:
        return emit.scaffold(template, plan_)
    if template == _MODEL:
        return plan_.adapted.text
    return emit.scaffold(template, plan_, starting.Starting.of(plan_.adapted.service, plan_))


def _register(plan_: Plan, project: Path) -> str:
    """Add the entry point by which the daemon finds the service, or say what to add."""
    text = project.read_text(encoding="utf-8") if project.is_file() else ""
    changed = with_entry_point(text, plan_.entry_point)
    if changed is None:
        return f"add to pyproject.toml, then install again:\n{_TABLE}\n{plan_.entry_point}"
    project.write_text(changed, encoding="utf-8")
    return f"registered in {project}; install again for the daemon to see it"


def with_entry_point(text: str, line: str) -> str | None:
    """Return a pyproject.toml with ``line`` in its table of services; None without that table."""
    head, table, rest = text.partition(f"{_TABLE}\n")
    if not table:
        return None
    # The table ends where the next begins, or the file does.
    following = re.search(r"^\s*\[", rest, re.MULTILINE)
    end = following.start() if following else len(rest)
    lines = rest[:end].rstrip("\n").split("\n") if rest[:end].strip() else []
    if line not in lines:
        lines = sorted([*lines, line])
    tail = rest[end:]
    gap = "\n\n" if tail.strip() else "\n"
    return head + table + "\n".join(lines) + gap + tail.lstrip("\n")
