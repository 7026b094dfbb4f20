"""Every session in docs/generator.md, typed in bash in an empty folder beside a daemon."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from polycube_generator import cli
from tests.client.live import living
from tests.docs.pages import DOCS, URL, steps, write_files, write_program

PAGE = DOCS / "generator.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the page shows, and the programs to call by name."""
    work = tmp_path / "work"
    work.mkdir()
    write_files(PAGE, work)
    write_program(tmp_path / "bin", "polycube-gen", "-m polycube_generator.cli")
    write_program(tmp_path / "bin", "python3", "")
    return work


def test_what_the_page_shows_is_what_is_printed(folder: Path) -> None:
    with living() as live:
        environment = {
            **os.environ,
            "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C",
        }
        for command, shown in steps(PAGE):
            ended = subprocess.run(
                ["bash", "-c", command.replace(URL, live.url)],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            printed = "\n".join((ended.stderr + ended.stdout).rstrip().splitlines())
            assert ended.returncode == 0, (command, printed)
            pattern = ".*".join(re.escape(part) for part in "\n".join(shown).split("…"))
            assert re.fullmatch(pattern, printed), (command, printed)


def test_the_commands_of_the_page_are_those_there_are() -> None:
    table = PAGE.read_text().partition("| command | |")[2].partition("\n\n")[0]
    shown = re.findall(r"^\| `([a-z]+)", table, re.MULTILINE)
    (commands,) = [one for one in cli._parser()._actions if one.dest == "==SUPPRESS=="]
    assert set(shown) == set(commands.choices)
