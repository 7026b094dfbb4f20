"""The pyang plugin, as pyang's own command line runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Registering by hand what an installed pyang finds by its entry point; doing both is harmless.
RUN = """
from polycube_generator import plugin
plugin.pyang_plugin_init()
from pyang.scripts.pyang_tool import run
run()
"""


@pytest.fixture
def pyang(models, tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        root = Path(__file__).resolve().parents[2]
        path = f"--path={models.folder}:{root / 'yang'}"
        return subprocess.run(
            [sys.executable, "-c", RUN, path, *arguments],
            env=environment,
            cwd=tmp_path,
            check=False,
            capture_output=True,
            encoding="utf-8",
        )

    return run


def test_it_writes_packages(models, pyang, tmp_path):
    source = models.write("leaf x { type string; }")
    done = pyang("-f", "polycube", "--polycube-out", str(tmp_path / "out"), str(source))
    assert done.returncode == 0, done.stderr
    assert "demo/nodes.py" in done.stdout
    assert (tmp_path / "out" / "demo" / "nodes.py").is_file()


def test_it_refuses_to_emit_what_has_errors(models, pyang, tmp_path):
    source = models.write('leaf x { type uint8; default 0; ebpf:map "for"; }')
    done = pyang("-f", "polycube", "--polycube-out", str(tmp_path / "out"), str(source))
    assert done.returncode == 1
    assert f"{source}:13: error: 'for' cannot name a map" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_plain_lint_finds_impossible_bindings(models, pyang):
    source = models.write('leaf x { type uint8; default 0; ebpf:map "for"; }')
    done = pyang(str(source))
    assert "'for' cannot name a map" in done.stderr
    assert done.returncode == 1


def test_it_says_which_option_it_misses(models, pyang):
    done = pyang("-f", "polycube", str(models.write("")))
    assert done.returncode == 1
    assert "-f polycube needs --polycube-out DIR" in done.stderr


def test_it_imports_nothing_heavy():
    code = "import sys; import polycube_generator.plugin; print(*sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())
    assert not {"jinja2", "polycube_generator.resolve", "polycube_generator.emit"} & loaded
