"""The sessions of a document: what is typed, and what it is shown to print."""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
URL = "http://localhost:9000"
"""Where the pages have their daemon."""


def steps(page: Path) -> list[tuple[str, list[str]]]:
    """Each command of a page, in order, with the lines that it is shown to print."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def write_files(page: Path, folder: Path) -> None:
    """Make the files that a page shows."""
    for name, text in re.findall(
        r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL
    ):
        (folder / name).write_text(text)


def write_program(folder: Path, name: str, words: str) -> None:
    """Make a program of this Python's, to be called by its name."""
    program = folder / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
    program.chmod(0o755)
