"""Results for people and for programs, the method always with them.

- `Row`, `Report`: what was measured
- `markdown`, `as_json`: the two forms
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.stats import Summary


@dataclass(frozen=True)
class Row:
    """One candidate: its cost, its cost relative to the baseline, the share of packets it lost."""

    name: str
    note: str
    cost: Summary
    ratio: Summary
    lost: float = 0.0


def _machine() -> dict[str, str]:
    """Say what it was measured on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "kernel": platform.release(),
        "cpu": models[0] if models else platform.machine(),
        "cpus": str(os.cpu_count()),
    }


@dataclass(frozen=True)
class Report:
    """A table: `unit` is the cost's, `baseline` the row whose ratio is 1, `method` a paragraph."""

    title: str
    unit: str
    baseline: str
    method: str
    rows: tuple[Row, ...]
    machine: dict[str, str] = field(default_factory=_machine)


def markdown(report: Report) -> str:
    """Return the report as a section of Markdown."""
    against = f"against {report.baseline}"
    header = ["device", report.unit, "range", against, "ratio's spread", "lost"]
    body = [
        [
            f"{row.name} ({row.note})" if row.note else row.name,
            f"{row.cost.median:.0f}",
            f"{row.cost.low:.0f} to {row.cost.high:.0f}",
            f"{row.ratio.median:.2f}",
            f"{row.ratio.spread:.0%}",
            f"{row.lost:.1%}" if row.lost else "none",
        ]
        for row in report.rows
    ]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    rule = ["-" * width + (":" if n else "-") for n, width in enumerate(widths)]
    lines = [_line(header, widths), "|" + "|".join(f"-{dashes}" for dashes in rule) + "|"]
    lines += [_line(cells, widths) for cells in body]
    machine = ", ".join(f"{key} {value}" for key, value in report.machine.items())
    parts = (f"## {report.title}", report.method, "\n".join(lines), f"Measured on {machine}.")
    return "\n\n".join(parts) + "\n"


def _line(cells: list[str], widths: list[int]) -> str:
    """Lay out a row: the first column is words, the others are figures."""
    first, *others = (
        cell.rjust(width) if n else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {first} | " + " | ".join(others) + " |"


def as_json(report: Report) -> str:
    """Return the report as JSON; a summary is an object of median, low, high and spread."""
    data = asdict(report)
    for row, source in zip(data["rows"], report.rows, strict=True):
        for name in ("cost", "ratio"):
            summary: Summary = getattr(source, name)
            row[name] = {**summary._asdict(), "spread": summary.spread}
    return json.dumps(data, indent=2) + "\n"
