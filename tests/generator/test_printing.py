"""What is printed reaches whoever reads it, in any locale; who does not read costs no traceback."""

import json
import os
import subprocess
import sys

import pytest

COMMAND = f"{sys.executable} -m polycube_generator.cli"
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def shell(line: str, **more: str) -> tuple[int, bytes, str]:
    """Type a line in bash; ``gen`` is the command."""
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("gen ", f"{COMMAND} ", 1)],
        env=ENVIRONMENT | more,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return ended.returncode, ended.stdout, ended.stderr.decode()


@pytest.mark.parametrize(
    "line",
    [
        "gen openapi {where} | head -c 10",
        "gen tree {where} | true",
        "gen tree {where} >&-",
        "gen tree {where} >/dev/full",
        "gen tree nothing {where} 2>&-",
        "gen tree nothing {where} 2>/dev/full",
        "gen --help >/dev/full",
        "gen --help | true",
    ],
)
def test_who_does_not_read_costs_no_traceback(models, line):
    models.write("leaf x { type string; }")
    code, _, complaint = shell(line.format(where=f"demo --yang {models.folder}"))
    assert code in {0, 1, 2}
    assert complaint in {"", "polycube-gen: No space left on device\n"}


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
)
def test_every_locale_gets_the_same(models, tmp_path, locale):
    models.write('leaf x { type string; default "ä–…"; }')
    _, printed, _ = shell(f"gen tree demo --yang {models.folder}", **locale)
    assert 'string  = "ä–…"'.encode() in printed
    _, printed, _ = shell(f"gen openapi demo --yang {models.folder}", **locale)
    assert "ä–…" in str(json.loads(printed))
    models.write('leaf x { type strong; default "ä"; }')
    code, _, complaint = shell(f"gen build --yang {models.folder} --out {tmp_path}/o", **locale)
    assert code == 1
    assert 'default "ä"; }' in complaint
