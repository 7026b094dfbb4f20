"""The example at the head of the bindings: what it shows drops, counts and lets through."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import Session, made, with_code
from tests.docs.pages import DOCS

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (DOCS / "bindings.md").read_text().partition("## An example")[2]


def first(language: str, after: str = "") -> str:
    """The first block of a language in the example, behind `after`."""
    found = re.search(rf"{after}^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def frame(source: str) -> bytes:
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src=source))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
def test_the_example_drops_who_is_blocked_and_counts(tmp_path: Path) -> None:
    code = first("c", "<!-- the data plane of the example -->\n")
    config = {"ports": [{"name": "p1"}, {"name": "p2"}]}
    with (
        made(tmp_path, "gate", first("yang")) as service,
        LoadedCube(with_code(service, tmp_path, code), config) as cube,
    ):
        session = Session(cube.polycube, cube.cube)
        assert cube.run(frame("10.0.0.1"), port="p1") == ("redirect", "p2")
        cube.wait(session.do("create", "blocked/{address}", "10.0.0.1", value={}))
        assert cube.run(frame("10.0.0.1"), port="p1").verdict == "drop"
        assert cube.run(frame("10.0.0.2"), port="p2") == ("redirect", "p1")
        assert cube.read()["blocked"] == [{"address": "10.0.0.1", "packets": 1}]
        cube.wait(session.do("delete", "blocked/{address}", "10.0.0.1"))
        assert cube.run(frame("10.0.0.1"), port="p1") == ("redirect", "p2")
