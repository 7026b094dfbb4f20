"""TAB, asked as the shells ask."""

import shutil
import subprocess
import sys

import pytest

from polycube_generator import cli
from tests.docs.pages import write_program


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            [""],
            {"build", "check", "client", "completion", "diff", "docs", "new", "openapi", "tree"},
        ),
        (["bu"], {"build", "tree"}),
        (["tree", ""], {"simplebridge", "helloworld"}),
        (["build", "helloworld", ""], {"simplebridge"}),
        (["build", "--"], {"--yang", "--out", "--watch", "--json", "--features"}),
        (["new", "--f"], {"--from", "--path", "--yang"}),
        (["completion", ""], {"bash", "zsh", "fish"}),
    ],
)
def test_what_can_follow(capsys, words, expected):
    assert cli.main(["--complete", *words]) == 0
    assert set(capsys.readouterr().out.split()) >= expected


@pytest.mark.parametrize(
    "words", [["build", "--yang", ""], ["diff", ""], ["new", ""], ["none", ""], ["tree", "--yang"]]
)
def test_where_a_file_can_follow_nothing_else_is_offered(capsys, words):
    assert cli.main(["--complete", *words]) == 0
    assert "simplebridge" not in capsys.readouterr().out.split()


def test_the_models_of_the_folder_that_is_named(models, capsys):
    models.write("", name="mine")
    assert cli.main(["--complete", "tree", "--yang", str(models.folder), ""]) == 0
    (models.folder / "$(touch ran).yang").touch()
    assert cli.main(["--complete", "tree", "--yang", str(models.folder), ""]) == 0
    assert capsys.readouterr().out.split() == ["mine"] * 2


def completed(folder, *words):
    """Return what bash offers, and what it says, where a program in `folder` is asked."""
    line = (
        f'cd {folder}; eval "$({sys.executable} -m polycube_generator.cli completion bash)";'
        f" COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1};"
        ' _polycube_gen; echo "${COMPREPLY[@]}"'
    )
    ended = subprocess.run(
        [shutil.which("bash"), "-c", line],
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.stdout, ended.stderr


def test_bash_completes(tmp_path):
    write_program(tmp_path, "polycube-gen", "-m polycube_generator.cli")
    assert completed(tmp_path, "polycube-gen", "tree", "simpleb") == ("simplebridge\n", "")


def test_bash_runs_nothing_that_it_is_offered(tmp_path):
    program = tmp_path / "polycube-gen"
    program.write_text("#!/bin/sh\necho '$(touch ran)'\necho '*'\n")
    program.chmod(0o755)
    assert completed(tmp_path, "polycube-gen", "tree", "''") == ("$(touch ran) *\n", "")
    assert [one.name for one in tmp_path.iterdir()] == ["polycube-gen"]
