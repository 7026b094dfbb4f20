"""Paired measuring."""

from __future__ import annotations

from functools import partial

import pytest

from bench.stats import Summary, ratios, rounds


def test_a_summary_knows_the_middle_and_the_extremes() -> None:
    assert Summary.of([30.0, 10.0, 20.0]) == Summary(20.0, 10.0, 30.0)
    assert Summary.of([1.0, 2.0]).median == 1.5


def test_the_spread_is_relative_to_the_median() -> None:
    assert Summary.of([90.0, 100.0, 110.0]).spread == pytest.approx(0.2)
    assert Summary.of([0.0]).spread == 0.0


def test_nothing_measured_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Summary.of([])


def test_each_round_measures_everyone_once_and_begins_with_another() -> None:
    order: list[str] = []
    found = rounds({name: partial(order.append, name) for name in "abc"}, 3)
    assert order == list("abcbcacab")
    assert {name: len(values) for name, values in found.items()} == {"a": 3, "b": 3, "c": 3}


def test_ratios_are_formed_within_a_round() -> None:
    """The machine halves its speed after the first round: the ratio does not notice."""
    found = ratios({"base": [100.0, 200.0], "other": [50.0, 100.0]}, "base")
    assert found == {"base": Summary(1.0, 1.0, 1.0), "other": Summary(0.5, 0.5, 0.5)}


def test_a_ratio_needs_its_baseline_in_every_round() -> None:
    with pytest.raises(ValueError, match="argument"):
        ratios({"base": [1.0], "other": [1.0, 2.0]}, "base")
    with pytest.raises(KeyError):
        ratios({"other": [1.0]}, "base")
