"""Start a new service: model, C function, control plane and test, ready to build and to change.

It may begin with a model that is there already: then C and Python have a place for every map and
node of it. In a checkout the files take their places in its rooms; elsewhere they make a package of
their own with its model beside it, as a third party's service is laid out.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import adapt, emit, names, publish, resources, schema, starting
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polycube_generator.adapt import Adapted

_MODEL = "model.yang"
"""In place of a template: the text of a model that was there."""
_LONGEST = 100
"""Characters of a service's name: names of files have it in them, and 255 at most."""
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


def plan(
    name: str,
    root: Path,
    *,
    transparent: bool = False,
    model: Path | None = None,
    folders: Sequence[Path] = (),
) -> Plan:
    """Return the plan for service ``name`` in ``root``, made of ``model`` if there is one.

    ``folders`` have modules that it imports, beside those that lie beside it.

    Raises:
        GeneratorError: the name will not do, or a service cannot be made of the model.

    """
    package = names.snake(name)
    ours = root / "services" / "polycube_services"
    in_rooms = root == resources.checkout() or ours.is_dir()
    _require_name(name, package, in_rooms=in_rooms)
    adapted = None
    if model:
        adapted = adapt.service(model, name, transparent=transparent, folders=folders)
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
    if len(name) > _LONGEST:
        raise fail(name, f"has {len(name)} characters; {_LONGEST} are possible")
    if not names.is_service(name):
        advice = "take lower-case letters, digits and single -, starting with a letter"
        raise fail(name, f"cannot name a service; {advice}")
    if package in sys.stdlib_module_names and not in_rooms:
        raise fail(name, f"as a package hides Python's own module {package}; take another name")


@dataclass(frozen=True, slots=True)
class Created:
    """What ``create`` has done: files written, files generated, and the project it registered in.

    Without ``project`` it is for the user to put ``entry_point`` there.
    """

    written: tuple[Path, ...]
    generated: tuple[Path, ...]
    project: Path | None
    entry_point: str


def create(plan_: Plan, root: Path) -> Created:
    """Write the files of a new service and generate its code.

    Raises:
        GeneratorError: one of the files exists, or cannot be written; nothing is written then.

    """
    publish.absent(plan_.files)
    texts = {path: _text(template, plan_) for path, template in plan_.files.items()}
    texts |= _beside(plan_)
    files = _generated(plan_, {path: text for path, text in texts.items() if _is_model(path)})
    project = root / "pyproject.toml"
    registered = _registered(plan_, project)
    written = publish.write(plan_.out, files, also=texts | registered, never=plan_.files)
    return Created(
        written=tuple(texts),
        generated=tuple(plan_.out / name for name in written),
        project=project if registered else None,
        entry_point=f"{_TABLE}\n{plan_.entry_point}",
    )


def _beside(plan_: Plan) -> dict[Path, str]:
    """Return the modules to copy; one that is there already must be the same."""
    found, problems = {}, []
    for name, text in plan_.adapted.beside.items() if plan_.adapted else ():
        path = plan_.models / name
        if not path.exists():
            found[path] = text
        elif path.read_text("utf-8", errors="replace") != text:
            problems.append(Problem(Place(str(path)), "is there already, with another content"))
    if problems:
        raise GeneratorError(problems)
    return found


def _generated(plan_: Plan, texts: Mapping[Path, str]) -> emit.Files:
    """Return what is generated from models that are not written yet."""
    beside = plan_.adapted.beside if plan_.adapted else {}
    with tempfile.TemporaryDirectory(prefix="polycube-gen-") as made:
        folder = Path(made).resolve()
        for name, text in (beside | {path.name: text for path, text in texts.items()}).items():
            (folder / name).write_text(text, encoding="utf-8")
        return emit.render(schema.load(folder, [plan_.name]))


def _is_model(path: Path) -> bool:
    return path.suffix == ".yang"


def _text(template: str, plan_: Plan) -> str:
    if plan_.adapted is None:
        return emit.scaffold(template, plan_)
    if template == _MODEL:
        return plan_.adapted.text
    return emit.scaffold(template, plan_, starting.Starting.of(plan_.adapted.service, plan_))


def _registered(plan_: Plan, project: Path) -> dict[Path, str]:
    """Return the project file with the entry point by which the daemon finds the service."""
    text = project.read_text(encoding="utf-8") if project.is_file() else ""
    changed = with_entry_point(text, plan_.entry_point)
    return {} if changed is None else {project: changed}


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
