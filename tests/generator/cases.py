"""The files in ``instances/``: models, documents, and the verdict of RFC 7950 on each.

A file has a ``model``, the body of a module ``t``, or whole ``modules`` by name, of which the one
named ``of`` sees all others. ``features`` are those that are supported. A member of a document
whose name has a space is no data but an operation or event at a path: ``input t:c/list=key/act``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("instances")
FRAME = 'module t {{ yang-version 1.1; namespace "urn:t"; prefix t;\n{model}\n}}\n'

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A document, and with ``side`` (input, output, notification) what is at ``path`` besides."""

    data: Object
    side: str = ""
    path: str = ""
    content: Any = None

    @property
    def whole(self) -> Object:
        """The document as it is in the file."""
        return {**self.data, f"{self.side} {self.path}": self.content} if self.side else self.data


@dataclass(frozen=True, slots=True)
class Case:
    """One file."""

    name: str
    sources: dict[str, str]
    of: str
    features: dict[str, list[str]]
    documents: tuple[tuple[str, Document], ...]

    @property
    def modules(self) -> list[str]:
        """The names of all that are no submodules."""
        return [name for name, text in self.sources.items() if not text.startswith("submodule")]

    def declared(self, name: str) -> list[str]:
        """Return the features that a module defines."""
        return re.findall(r"\bfeature ([\w-]+)\s*[;{]", self.sources[name])

    def write(self, folder: Path) -> None:
        """Write the modules, each to its file."""
        folder.mkdir(exist_ok=True)
        for name, text in self.sources.items():
            (folder / f"{name}.yang").write_text(text, encoding="utf-8")


def read() -> list[Case]:
    """Return all files, by name."""
    return list(_read())


def _read() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        base = content.get("base", {})
        yield Case(
            path.stem,
            content.get("modules") or {"t": FRAME.format(model=content["model"])},
            content.get("of", "t"),
            content.get("features", {}),
            tuple(
                (verdict, _document({**base, **document}))
                for verdict in ("valid", "invalid")
                for document in content[verdict]
            ),
        )


def _document(members: Object) -> Document:
    """Take apart what a file has as one object."""
    data = {name: value for name, value in members.items() if " " not in name}
    for name in members.keys() - data.keys():
        side, path = name.split(" ")
        return Document(data, side, path, members[name])
    return Document(data)
