"""A service made by `polycube-gen new` works before a line of it is edited."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in `folder`, whose packages can be imported."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("flags", [[], ["--transparent"]], ids=["standard", "transparent"])
def test_a_new_service_passes_its_own_tests(tmp_path: Path, flags: list[str]) -> None:
    """In a folder of its own, as a third party has it: generated, compiled, verified, run."""
    made = run(
        tmp_path, "polycube_generator.cli", "new", "my-service", *flags, "--path", str(tmp_path)
    )
    assert made.returncode == 0, made.stdout + made.stderr
    tested = run(tmp_path, "pytest", "-q", "-p", "no:randomly", "tests")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout
    again = run(
        tmp_path, "polycube_generator.cli", "new", "my-service", *flags, "--path", str(tmp_path)
    )
    assert again.returncode == 1
    assert "never overwrites" in again.stderr


PLAIN = """\
module acl {
  namespace "urn:acl";
  prefix acl;
  import ietf-inet-types { prefix inet; }
  import acl-types { prefix t; }
  description "A model that knows nothing of Polycube";
  container acls {
    leaf name { type string; mandatory true; }
    leaf mode { type t:mode; default permit; }
    list rule {
      key "id name";
      leaf id { type uint32; }
      leaf name { type string { length "1..5"; } }
      leaf source { type inet:ipv4-prefix; mandatory true; }
      leaf hits { type uint64; config false; }
    }
    leaf state { type t:mode; config false; }
    leaf ratio { type decimal64 { fraction-digits 2; } config false; }
  }
  rpc clear { input { leaf id { type uint32; } } output { leaf count { type int32; } } }
}
"""
BESIDE = """\
module acl-types {
  namespace "urn:acl-types";
  prefix t;
  typedef mode { type enumeration { enum permit; enum deny; } }
}
"""
MODELS = Path(__file__).resolve().parents[2] / "yang"


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "acl-types.yang").write_text(BESIDE)
    (folder / "acl.yang").write_text(PLAIN)
    return folder / "acl.yang"


@pytest.mark.parametrize("flags", [[], ["--transparent"]], ids=["standard", "transparent"])
def test_a_service_from_any_model_passes_its_own_tests(
    tmp_path: Path, plain: Path, flags: list[str]
) -> None:
    works(tmp_path, "my-acl", plain, *flags)
    control = (tmp_path / "my_acl" / "__init__.py").read_text()
    assert re.search(r"async def set_acls_mode\(self, value: [A-Z]\w+\) -> None:", control)
    assert (tmp_path / "yang" / "acl-types.yang").read_text() == BESIDE


@pytest.mark.parametrize("name", ["ddosmitigator"])
def test_a_service_from_a_model_with_maps_passes_its_own_tests(tmp_path: Path, name: str) -> None:
    works(tmp_path, "mine", MODELS / f"{name}.yang")
    code = "".join(path.read_text() for path in (tmp_path / "mine").glob("*.c"))
    assert re.search(r"find_\w+\(struct \w+_key \*key\)", code)


def works(folder: Path, name: str, model: Path, *flags: str) -> None:
    """Make a service of a model; it passes mypy --strict and its tests."""
    given = ["--from", str(model), *flags, "--path", str(folder)]
    made = run(folder, "polycube_generator.cli", "new", name, *given)
    assert made.returncode == 0, made.stdout + made.stderr
    if not flags:  # it is the slow part, and the same for both kinds
        typed = run(folder, "mypy", "--strict", "-p", name.replace("-", "_"))
        assert typed.returncode == 0, typed.stdout
    tested = run(folder, "pytest", "-q", "-p", "no:randomly", "tests")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("type t:mode; default", "type t:none; default", 9, 'type "none" not found'),
        ("container acls", "container type", 7, "there is already a child node"),
        ('urn:acl";', "urn:acl", 6, "unterminated"),
        ("  rpc clear", "  }\n  rpc clear", 21, "trailing garbage"),
        ("module acl {", "module acl { prefix x;", 3, 'unexpected keyword "prefix"'),
        ("  import acl", "  include acl-more;\n  import acl", 5, 'module "acl-more" not found'),
        ("module acl", "submodule acl", 0, "is a submodule"),
    ],
)
def test_what_is_wrong_is_told_at_the_line_of_the_original(
    tmp_path: Path, plain: Path, old: str, new: str, line: int, words: str
) -> None:
    plain.write_text(PLAIN.replace(old, new, 1))
    made = run(
        tmp_path,
        "polycube_generator.cli",
        "new",
        "x",
        "--from",
        str(plain),
        "--path",
        str(tmp_path),
    )
    assert made.returncode == 1
    assert "Traceback" not in made.stderr
    assert words in made.stderr, made.stderr
    if line:
        assert f"acl.yang:{line}" in made.stderr, made.stderr
    assert not (tmp_path / "yang").exists()
