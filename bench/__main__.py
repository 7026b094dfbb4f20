"""Measure beside the peers, in the same run; needs root. Markdown to stdout, JSON to a folder."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.table import as_json, from_json, markdown, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.table import Report

SECTIONS = {
    "dataplane": "a cube's program by BPF_PROG_TEST_RUN, and chains of cubes",
    "forwarding": "between two namespaces, CPU time of a packet, against Linux's devices",
    "swap": "1,000 replacements of a program under traffic",
    "chains": "1,000 attachments and detachments of a transparent cube under traffic",
    "slowpath": "a minute of flood to a control plane, and what other traffic notices",
    "control": "creation, re-wiring and reading over REST, against the compiler's own time",
    "processes": "start, commands, memory",
    "generator": "builds against pyang alone, documents against their parsing",
    "durability": "200 kills at random instants of a stream of writes, under traffic",
    "restart": "a restart with 50 cubes, under traffic",
    "leaks": "what 200 creations and deletions leave behind",
}
"""Each is a module with `measure(rounds) -> Report`."""
RESULTS = Path(__file__).with_name("results")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what was asked for; the exit code is 1 when a target was missed."""
    options = _options(argv)
    if os.geteuid() != 0:
        sys.stderr.write("bench: must run as root: it loads programs and makes namespaces\n")
        return 2
    missed = 0
    for name in options.only or SECTIONS:
        module = importlib.import_module(f"bench.{name}")
        report: Report = module.measure(options.rounds)
        print(markdown(report), flush=True)
        options.results.mkdir(parents=True, exist_ok=True)
        (options.results / f"{name}.json").write_text(as_json(report))
        missed += sum(row.reached is False for row in report.rows)
    if options.write_docs:
        PAGE.write_text(fill(PAGE.read_text(), options.results))
    print("Every target was reached." if not missed else f"Targets missed: {missed}.")
    return 1 if missed else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    sections = "\n".join(f"  {name:<11} {what}" for name, what in SECTIONS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"sections:\n{sections}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=_count, default=9, help="how often each thing is measured")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON files")
    parser.add_argument(
        "--only", action="append", default=[], choices=SECTIONS, help="a section; may be repeated"
    )
    parser.add_argument(
        "--write-docs", action="store_true", help="put the tables into docs/performance.md, too"
    )
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        message = f"'{text}' is not a number of rounds; expected 2 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def fill(page: str, results: Path) -> str:
    """Return `page` with the table of each section, behind its mark, as `results` has it."""
    lines = page.splitlines()
    for name in SECTIONS:
        file, mark = results / f"{name}.json", f"<!-- bench {name} -->"
        if file.exists() and mark in lines:
            begin = end = lines.index(mark) + 1
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            lines[begin:end] = table(from_json(file.read_text())).splitlines()
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
