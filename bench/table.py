"""Results for people and for programs, the method always with them.

- `Target`: what a figure must come to
- `Row`, `Report`: what was measured
- `markdown`, `as_json`, `from_json`: the forms
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from bench.stats import Summary

_HEADER = ("what", "unit", "median", "range", "against its peer", "spread", "target", "reached")
_TIMES = "\N{MULTIPLICATION SIGN}"
_WORDS = {0, 1, 7}
"""Columns of words; the others are figures, and stand at the right."""


class Target(NamedTuple):
    """The most that a row's median, or its ratio's, may come to."""

    limit: float
    of: Literal["median", "ratio"] = "median"


@dataclass(frozen=True)
class Row:
    """A figure: what it is, in which unit; its ratio to that of the row or thing called `peer`.

    `lost` is the share of packets that did not arrive, where packets were counted.
    """

    name: str
    note: str
    unit: str
    cost: Summary
    peer: str = ""
    ratio: Summary | None = None
    lost: float | None = None
    target: Target | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the target was reached; None where there is none."""
        if self.target is None:
            return None
        limit, of = self.target
        if of == "ratio":
            return self.ratio is not None and self.ratio.median <= limit
        return self.cost.median <= limit


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
    """A section's table and the paragraph that says how its figures were taken."""

    title: str
    method: str
    rows: tuple[Row, ...]
    machine: dict[str, str] = field(default_factory=_machine)


def markdown(report: Report) -> str:
    """Return the report as a section of Markdown."""
    machine = ", ".join(f"{key} {value}" for key, value in report.machine.items())
    parts = (f"## {report.title}", report.method, table(report), f"Measured on {machine}.")
    return "\n\n".join(parts) + "\n"


def table(report: Report) -> str:
    """Return the table alone; a column for lost packets only where packets were counted."""
    counted = any(row.lost is not None for row in report.rows)
    header = [*_HEADER, *(["lost"] if counted else [])]
    body = [_cells(row)[: len(header)] for row in report.rows]
    widths = [max(map(len, column)) for column in zip(header, *body, strict=True)]
    rule = ["-" * (width + 1) + ("-" if n in _WORDS else ":") for n, width in enumerate(widths)]
    lines = [_line(header, widths), "|" + "|".join(rule) + "|"]
    return "\n".join([*lines, *(_line(cells, widths) for cells in body)])


def _cells(row: Row) -> list[str]:
    cost, ratio = row.cost, row.ratio
    return [
        f"{row.name} ({row.note})" if row.note else row.name,
        row.unit,
        _figure(cost.median),
        f"{_figure(cost.low)} to {_figure(cost.high)}" if cost.high != cost.low else "",
        f"{_ratio(ratio.median)} {_TIMES} {row.peer}" if ratio else "",
        f"{(ratio or cost).spread:.0%}",
        _target(row),
        {True: "yes", False: "**no**", None: ""}[row.reached],
        "" if row.lost is None else f"{row.lost:.1%}" if row.lost else "none",
    ]


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    limit, of = row.target
    if of == "ratio":
        return f"≤ {limit:.2f} {_TIMES}"
    return f"≤ {_figure(limit)}"


def _figure(value: float) -> str:
    """Three significant digits, or the whole of what is larger."""
    if value and abs(value) < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if value and abs(value) < 99.95 else f"{value:.0f}"


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.095 else f"{value:.3f}"


def _line(cells: list[str], widths: list[int]) -> str:
    laid = (
        cell.ljust(width) if n in _WORDS else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(laid)} |"


def as_json(report: Report) -> str:
    """Return the report as JSON; a summary is an object of median, low, high and spread."""
    data = asdict(report)
    for row, source in zip(data["rows"], report.rows, strict=True):
        row["cost"] = _summary(source.cost)
        row["ratio"] = source.ratio and _summary(source.ratio)
        row["target"] = source.target and source.target._asdict()
        row["reached"] = source.reached
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _summary(summary: Summary) -> dict[str, float]:
    return {**summary._asdict(), "spread": summary.spread}


def from_json(text: str) -> Report:
    """Read back what `as_json` wrote."""
    data = json.loads(text)
    return Report(**{**data, "rows": tuple(map(_row, data["rows"]))})


def _row(data: dict[str, Any]) -> Row:
    del data["reached"]
    for name in ("cost", "ratio"):
        if data[name]:
            data[name] = Summary(*(data[name][part] for part in Summary._fields))
    if data["target"]:
        data["target"] = Target(**data["target"])
    return Row(**data)
