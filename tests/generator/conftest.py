"""Small models, written where they are tested, and what the generator makes of them."""

import importlib
import sys
from pathlib import Path

import pytest

from polycube_generator import emit, publish, schema
from polycube_generator.problems import GeneratorError

FRAME = """\
module {name} {{
  yang-version 1.1;
  namespace "http://polycube.network/{name}";
  prefix "{name}";
  import polycube-base {{ prefix "base"; }}
  import polycube-{kind}-base {{ prefix "{kind}"; }}
  import polycube-ebpf {{ prefix "ebpf"; }}
  import ietf-inet-types {{ prefix "inet"; }}
  import ietf-yang-types {{ prefix "yang"; }}
  base:service-name "{service}";
  base:service-description "A service for a test";
  uses {kind}:{kind}-base-yang-module {uses}
{body}
}}
"""


class Models:
    """A folder of models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "yang"
        self.folder.mkdir()
        self.out = folder / f"out_{folder.name.replace('-', '_')}"

    def write(self, body: str, **frame: str) -> Path:
        """Write a model; ``frame`` may have name, kind, service-name and refinements (uses)."""
        name = frame.get("name", "demo")
        filled = {"kind": "transparent", "service": name, "uses": ";", **frame, "name": name}
        path = self.folder / f"{name}.yang"
        path.write_text(FRAME.format(body=body, **filled), encoding="utf-8")
        return path

    def load(self, body: str, **frame: str):
        """Return the resolved service."""
        name = self.write(body, **frame).stem
        return next(found for found in schema.load(self.folder) if found.name == name)

    def problems(self, body: str, **frame: str) -> list[tuple[int, str]]:
        """Return what is wrong with a model, by line."""
        path = self.write(body, **frame)
        with pytest.raises(GeneratorError) as failure:
            schema.load(self.folder)
        assert {Path(problem.place.file).name for problem in failure.value.problems} == {path.name}
        return [(problem.place.line, problem.message) for problem in failure.value.problems]

    def refusal(self, body: str, **frame: str) -> str:
        """Return the only thing that is wrong, which is at the line with ``// here``."""
        found = self.problems(body, **frame)
        lines = self.write(body, **frame).read_text(encoding="utf-8").splitlines()
        here = [number for number, line in enumerate(lines, 1) if "// here" in line]
        assert [line for line, _ in found] == here, found
        return found[0][1]

    def package(self, body: str, monkeypatch: pytest.MonkeyPatch, **frame: str):
        """Generate, write and import: return the package of the service."""
        service = self.load(body, **frame)
        publish.write(self.out, emit.render([service]))
        monkeypatch.syspath_prepend(self.out.parent)
        name = f"{self.out.name}.{service.package}"
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path)
