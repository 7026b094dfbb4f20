"""Services of a third party, made of a few lines of YANG and C, with no Python but their name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import emit, publish, schema
from tests.generator.conftest import FRAME

if TYPE_CHECKING:
    from pathlib import Path


def package(folder: Path, name: str, body: str, **files: str) -> Path:
    """Write the package of a standard service; `files` are its own, by name without ending.

    What is called `__init__` is Python, all else C.
    """
    made, models = folder / name, folder / "models"
    for one in (made, models):
        one.mkdir()
    filled = {"name": name, "service": name, "kind": "standard", "uses": ";"}
    (models / f"{name}.yang").write_text(FRAME.format(body=body, **filled))
    found = [one for one in schema.load(models) if one.name == name]
    publish.write(folder / "made", emit.render(found))
    (folder / "made" / name).rename(made / "_generated")
    for file, text in files.items():
        (made / f"{file}{'.py' if file == '__init__' else '.c'}").write_text(text)
    return made
