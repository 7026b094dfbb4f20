"""Results as Markdown and JSON."""

from __future__ import annotations

import json

import pytest

from bench.__main__ import fill
from bench.stats import Summary
from bench.table import Report, Row, Target, as_json, from_json, markdown, table

BASE = Summary(1000.0, 900.0, 1150.0)
REPORT = Report(
    title="Forwarding",
    method="By hand.",
    rows=(
        Row("routing", "IPv4", "ns", BASE, lost=0.0),
        Row(
            "bridge", "", "ns", Summary(5.0, 4.5, 56.0), "routing", Summary(0.5, 0.45, 0.55),
            lost=0.031, target=Target(0.4, "ratio"),
        ),
        Row("swap", "warm", "ms", Summary(2.5, 2.5, 2.5), target=Target(20)),
    ),
    machine={"kernel": "6.1", "cpus": "2"},
)  # fmt: skip


def test_markdown_carries_the_method_the_machine_and_an_aligned_table() -> None:
    assert markdown(REPORT) == (
        "## Forwarding\n"
        "\n"
        "By hand.\n"
        "\n"
        "| what           | unit | median |        range | against its peer | spread |   target | reached | lost |\n"  # noqa: E501
        "|----------------|------|-------:|-------------:|-----------------:|-------:|---------:|---------|-----:|\n"
        "| routing (IPv4) | ns   |   1000 |  900 to 1150 |                  |    25% |          |         | none |\n"  # noqa: E501
        "| bridge         | ns   |   5.00 | 4.50 to 56.0 |   0.50 × routing |    20% | ≤ 0.40 × | **no**  | 3.1% |\n"  # noqa: E501
        "| swap (warm)    | ms   |   2.50 |              |                  |     0% |   ≤ 20.0 | yes     |      |\n"  # noqa: E501
        "\n"
        "Measured on kernel 6.1, cpus 2.\n"
    )


def test_a_column_for_lost_packets_is_there_only_when_packets_were_counted() -> None:
    report = Report("", "", (Row("one", "", "ms", BASE),), {})
    assert "lost" not in table(report)


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        (None, None),
        (Target(1000), True),
        (Target(999.9), False),
        (Target(0.5, "ratio"), True),
        (Target(0.49, "ratio"), False),
    ],
)
def test_a_target_is_held_against_the_median_or_the_ratio(target, reached) -> None:
    assert Row("", "", "ns", BASE, "peer", Summary(0.5, 0.1, 0.9), target=target).reached is reached


def test_a_ratio_that_was_not_measured_reaches_nothing() -> None:
    assert Row("", "", "ns", BASE, target=Target(1, "ratio")).reached is False


def test_json_says_the_same_to_programs_and_comes_back() -> None:
    data = json.loads(as_json(REPORT))
    assert data["machine"] == {"kernel": "6.1", "cpus": "2"}
    assert data["rows"][0]["cost"] == {"median": 1000, "low": 900, "high": 1150, "spread": 0.25}
    assert data["rows"][1]["target"] == {"limit": 0.4, "of": "ratio"}
    assert data["rows"][1]["reached"] is False
    assert from_json(as_json(REPORT)) == REPORT


def test_tables_are_put_behind_their_marks_and_nothing_else_changes(tmp_path) -> None:
    (tmp_path / "swap.json").write_text(as_json(REPORT))
    page = "A\n<!-- bench swap -->\n| old |\n| one |\n\nB\n<!-- bench leaks -->\n| kept |\n"
    filled = fill(page, tmp_path)
    assert filled == page.replace("| old |\n| one |", table(REPORT))
    assert fill(filled, tmp_path) == filled
    fresh = "<!-- bench swap -->\n"
    assert fill(fresh, tmp_path) == f"{fresh}{table(REPORT)}\n"


def test_a_report_knows_its_machine() -> None:
    machine = Report("", "", ()).machine
    assert machine["kernel"]
    assert int(machine["cpus"]) >= 1
