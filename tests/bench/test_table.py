"""Results as Markdown and JSON."""

from __future__ import annotations

import json

from bench.stats import Summary
from bench.table import Report, Row, as_json, markdown

REPORT = Report(
    title="Forwarding",
    unit="ns",
    baseline="routing",
    method="By hand.",
    rows=(
        Row("routing", "IPv4", Summary(1000.0, 900.0, 1150.0), Summary(1.0, 1.0, 1.0)),
        Row("bridge", "", Summary(500.0, 450.0, 560.0), Summary(0.5, 0.45, 0.55), lost=0.031),
    ),
    machine={"kernel": "6.1", "cpus": "2"},
)


def test_markdown_carries_the_method_the_machine_and_an_aligned_table() -> None:
    assert markdown(REPORT) == (
        "## Forwarding\n"
        "\n"
        "By hand.\n"
        "\n"
        "| device         |   ns |       range | against routing | ratio's spread | lost |\n"
        "|----------------|-----:|------------:|----------------:|---------------:|-----:|\n"
        "| routing (IPv4) | 1000 | 900 to 1150 |            1.00 |             0% | none |\n"
        "| bridge         |  500 |  450 to 560 |            0.50 |            20% | 3.1% |\n"
        "\n"
        "Measured on kernel 6.1, cpus 2.\n"
    )


def test_json_says_the_same_to_programs() -> None:
    data = json.loads(as_json(REPORT))
    assert data["machine"] == {"kernel": "6.1", "cpus": "2"}
    assert data["rows"][0]["cost"] == {"median": 1000, "low": 900, "high": 1150, "spread": 0.25}
    assert data["rows"][1]["lost"] == 0.031


def test_a_report_knows_its_machine() -> None:
    machine = Report("", "", "", "", ()).machine
    assert machine["kernel"]
    assert int(machine["cpus"]) >= 1
