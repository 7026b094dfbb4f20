"""Every session in docs/cli.md, typed in bash before a daemon in memory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_client import config
from tests.client.live import living

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
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
    """A folder with the files that the page shows, and polycubectl to call by name."""
    for name, text in re.findall(
        r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    ):
        (tmp_path / name).write_text(text)
    program = tmp_path / "bin" / "polycubectl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m polycube_client "$@"\n')
    program.chmod(0o755)
    return tmp_path


def test_what_the_page_shows_is_what_is_printed(folder: Path) -> None:
    with living() as live:
        environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "POLYCUBECTL_URL": live.url,
        }
        for command, shown in steps():
            ended = subprocess.run(
                ["bash", "-c", command],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=30,
            )
            printed = (ended.stdout + ended.stderr).replace(live.url, URL)
            assert ended.returncode == 0, (command, printed)
            assert [line.rstrip() for line in printed.splitlines()] == shown, command


def test_the_settings_of_the_page_are_those_there_are() -> None:
    table = PAGE.read_text().partition("| setting | variable |")[2].partition("\n\n")[0]
    names = [
        name
        for row in table.splitlines()[2:]
        for name in re.findall(r"`([a-z]+)`", row.split("|")[1])
    ]
    assert sorted(names) == sorted(config.NAMES)
    assert f"`{config.SOCKET}`" in PAGE.read_text()
