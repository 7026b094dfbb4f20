"""Every session in docs/generator.md, typed in bash in an empty folder beside a daemon."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_generator import cli
from tests.client.live import living

PAGE = Path(__file__).resolve().parents[2] / "docs" / "generator.md"
URL = "http://localhost:9000"
"""Where the page has its daemon."""


def steps() -> list[tuple[str, list[str]]]:
    """Each command of the page, in order, with the lines that it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the page shows, and the programs to call by name."""
    work = tmp_path / "work"
    work.mkdir()
    for name, text in re.findall(
        r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    ):
        (work / name).write_text(text)
    for name, words in (("polycube-gen", "-m polycube_generator.cli"), ("python3", "")):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        program.chmod(0o755)
    return work


def test_what_the_page_shows_is_what_is_printed(folder: Path) -> None:
    with living() as live:
        environment = {
            **os.environ,
            "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
            "LC_ALL": "C",
        }
        for command, shown in steps():
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
