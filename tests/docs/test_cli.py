"""Every session in docs/cli.md, typed in bash before a daemon in memory."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from polycube_client import config
from tests.client.live import living
from tests.docs.pages import DOCS, URL, steps, write_files, write_program

PAGE = DOCS / "cli.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the page shows, and polycubectl to call by name."""
    write_files(PAGE, tmp_path)
    write_program(tmp_path / "bin", "polycubectl", "-m polycube_client")
    return tmp_path


def test_what_the_page_shows_is_what_is_printed(folder: Path) -> None:
    with living() as live:
        environment = {
            **os.environ,
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "POLYCUBECTL_URL": live.url,
        }
        for command, shown in steps(PAGE):
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
