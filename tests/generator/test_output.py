"""The same models give the same bytes; a folder holds what was generated and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_generator import emit, publish, schema
from polycube_generator.problems import GeneratorError

DUMP = """
import sys
from pathlib import Path
from polycube_generator import emit, schema
folder = Path(sys.argv[1])
sources = sorted(folder.glob("*.yang"), reverse=sys.argv[2] == "backwards")
for name, text in emit.render(schema.models(sources, folder)).items():
    print(name, text, sep="\\n")
"""


def dump(folder: Path, order: str, seed: str, cwd: Path) -> str:
    environment = os.environ | {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LC_ALL": "C",
    }
    command = [sys.executable, "-c", DUMP, str(folder), order]
    return subprocess.run(
        command, env=environment, cwd=cwd, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_output_does_not_depend_on_order_seed_or_directory(models, tmp_path):
    models.write('leaf x { type enumeration { enum a; } default a; ebpf:map "x"; }', name="one")
    models.write("list y { key k; leaf k { type string; } }", name="two", kind="standard")
    runs = {
        dump(models.folder, "forwards", "0", tmp_path),
        dump(models.folder, "backwards", "1", Path("/")),
        dump(models.folder, "backwards", "2", tmp_path),
    }
    assert len(runs) == 1
    assert str(tmp_path) not in runs.pop()


def test_every_file_says_that_it_is_generated(models):
    files = emit.render([models.load("leaf x { type string; }")])
    assert {name for name, text in files.items() if emit.MARK not in text[:200]} == set()
    assert json.loads(files["demo/openapi.json"])["x-generated-from"].startswith(
        "Generated from yang/demo.yang"
    )


def test_writing_twice_changes_nothing(models, tmp_path):
    files = emit.render([models.load("")])
    assert publish.write(tmp_path / "out", files) == sorted(files)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert publish.write(tmp_path / "out", files) == []
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before
    assert publish.compare(tmp_path / "out", files) == {}


def test_a_stale_file_is_removed(models, tmp_path):
    files = emit.render([models.load("")])
    publish.write(tmp_path, files)
    stale = tmp_path / "demo" / "tables.py"
    stale.write_text(f"# {emit.MARK}\n", encoding="utf-8")
    assert "--- a/demo/tables.py" in publish.compare(tmp_path, files)["demo/tables.py"]
    assert publish.write(tmp_path, files) == ["demo/tables.py"]
    assert not stale.exists()


def test_the_folder_of_a_service_that_is_gone_is_removed_with_its_cache(models, tmp_path):
    models.write("", name="gone")
    publish.write(tmp_path, emit.render(schema.load(models.folder)))
    cache = tmp_path / "gone" / "__pycache__"
    cache.mkdir()
    (cache / "nodes.pyc").write_bytes(b"\0")
    (models.folder / "gone.yang").unlink()
    files = emit.render([models.load("")])
    publish.write(tmp_path, files, whole=True)
    assert not (tmp_path / "gone").exists()
    assert (tmp_path / "demo").is_dir()


def test_other_folders_beside_ours_are_left_alone(models, tmp_path):
    other = tmp_path / "other" / "__init__.py"
    other.parent.mkdir()
    other.write_text("# mine\n", encoding="utf-8")
    files = emit.render([models.load("")])
    publish.write(tmp_path, files, whole=True)
    assert publish.compare(tmp_path, files) == {}
    assert other.read_text(encoding="utf-8") == "# mine\n"


def test_a_file_of_somebody_else_stops_everything(models, tmp_path):
    files = emit.render([models.load("")])
    publish.write(tmp_path, files)
    (tmp_path / "demo" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "demo" / "blob").write_bytes(b"\xff\xfe")
    changed = files | {"demo/nodes.py": "# other"}
    with pytest.raises(GeneratorError) as failure:
        publish.write(tmp_path, changed)
    assert [Path(problem.place.file).name for problem in failure.value.problems] == [
        "blob",
        "notes.txt",
    ]
    assert (tmp_path / "demo" / "nodes.py").read_text(encoding="utf-8") == files["demo/nodes.py"]


def test_a_failed_write_leaves_the_old_file_and_no_other(models, tmp_path, monkeypatch):
    files = emit.render([models.load("")])
    publish.write(tmp_path, files)
    before = {path.name for path in (tmp_path / "demo").iterdir()}

    def refuse(path, _target):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(GeneratorError, match="cannot be written: No space left on device"):
        publish.write(tmp_path, files | {"demo/nodes.py": f"# {emit.MARK}\n"})
    assert {path.name for path in (tmp_path / "demo").iterdir()} == before
    assert (tmp_path / "demo" / "nodes.py").read_text(encoding="utf-8") == files["demo/nodes.py"]
