"""The generator beside pyang alone, and what it has generated beside Python's JSON parser."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.daemons import command, milliseconds
from bench.stats import Summary, rounds
from bench.table import Report, Row, Target
from polycube_generator import resources
from polycube_runtime.support.instance import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.support.schema import Model

ROOT = Path(__file__).resolve().parents[1]
GENERATE = command("polycube-gen", "polycube_generator")
PYANG = [*command("pyang", "pyang"), "-f", "tree"]
SIZES = (1_000, 10_000, 100_000)
METHOD = """\
Wall-clock milliseconds from starting a process to its end; {rounds} rounds, each runs every command
once, in turn. The peer is `pyang -f tree` on the same modules: reading and checking them is the
most of it. *Standard modules* are the 73 of the IETF and IANA that come with pyang. *Documents*
have two lists, one with a `unique` and a leafref to the other, both with a `must`; the time is that
of checking a parsed document against all of it, the peer's that of `json.loads` of its text."""
MODEL = """\
module demo {
  yang-version 1.1;
  namespace "urn:demo";
  prefix d;
  container top {
    list device {
      key name;
      leaf name { type string { pattern '[a-z]+[0-9]+'; } }
      leaf mtu { type uint16 { range "68..9000"; } default 1500; }
      must "mtu >= 1280 or starts-with(name, 'v4')";
    }
    list route {
      key prefix;
      unique "metric table";
      leaf prefix { type string { length "1..43"; } }
      leaf via { type leafref { path "/top/device/name"; } mandatory true; }
      leaf metric { type uint32; }
      leaf table { type uint8; default 254; }
      leaf mtu { when "../table = 254"; type uint16; }
      must "not(mtu) or mtu <= /top/device[name = current()/via]/mtu";
    }
  }
}
"""


def measure(count: int) -> Report:
    """Measure commands and checks in `count` rounds."""
    with tempfile.TemporaryDirectory() as folder:
        measures = _commands(Path(folder)) | _documents(Path(folder))
        rounds(measures, 1)
        times = rounds(measures, count)
    rows = [
        *_against("services", times, {"check": Target(1500), "build": Target(1500)}),
        *_against("standard modules", times, {"build": None}),
        *(row for size in SIZES for row in _checks(size, times)),
    ]
    return Report("The generator", METHOD.format(rounds=count), tuple(rows))


def _commands(folder: Path) -> dict[str, Callable[[], float]]:
    own, standard = sorted((ROOT / "yang").glob("*.yang")), resources.standard_models()
    build = [*GENERATE, "build", "--yang"]
    return {
        "services: pyang": partial(milliseconds, [*PYANG, "-p", str(standard), *map(str, own)]),
        "services: check": partial(milliseconds, [*GENERATE, "check"], cwd=ROOT),
        "services: build": lambda: _built([*build, str(ROOT / "yang")], folder),
        "standard modules: pyang": partial(
            milliseconds, [*PYANG, "-p", str(standard), *_modules(standard)]
        ),
        "standard modules: build": lambda: _built([*build, str(standard)], folder),
    }


def _modules(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.rglob("*.yang"))]


def _built(argv: list[str], folder: Path) -> float:
    """Build to an empty folder, lest nothing were written; return the milliseconds."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        return milliseconds([*argv, "--out", out])


def _documents(folder: Path) -> dict[str, Callable[[], float]]:
    model = _generated(folder)
    found: dict[str, Callable[[], float]] = {}
    for size in SIZES:
        text = json.dumps(_document(size))
        found[f"{size}: parse"] = partial(_timed, partial(json.loads, text))
        found[f"{size}: check"] = partial(_timed, partial(load, model, json.loads(text)))
    return found


def _generated(folder: Path) -> Model:
    (folder / "yang").mkdir()
    (folder / "yang" / "demo.yang").write_text(MODEL)
    milliseconds(
        [*GENERATE, "build", "--yang", str(folder / "yang"), "--out", str(folder / "made")]
    )
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("made.demo.nodes").MODEL
    finally:
        sys.path.remove(str(folder))


def _document(size: int) -> dict[str, Any]:
    devices = [{"name": f"eth{n}"} for n in range(size)]
    routes = [
        {"prefix": f"net-{n}", "via": f"eth{n}", "metric": n, "mtu": 1400} for n in range(size)
    ]
    return {"demo:top": {"device": devices, "route": routes}}


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _against(
    what: str, times: dict[str, list[float]], targets: dict[str, Target | None]
) -> list[Row]:
    base = times[f"{what}: pyang"]
    rows = [Row("pyang -f tree", what, "ms", Summary.of(base))]
    for verb, target in targets.items():
        values = times[f"{what}: {verb}"]
        ratio = Summary.of(one / other for one, other in zip(values, base, strict=True))
        rows.append(
            Row(
                f"polycube-gen {verb}", what, "ms", Summary.of(values), "pyang", ratio, None, target
            )
        )
    return rows


def _checks(size: int, times: dict[str, list[float]]) -> list[Row]:
    parse, check = times[f"{size}: parse"], times[f"{size}: check"]
    ratio = Summary.of(one / other for one, other in zip(check, parse, strict=True))
    target = Target(100) if size == SIZES[0] else None
    note = f"two lists of {size:,}"
    return [
        Row("json.loads", note, "ms", Summary.of(parse)),
        Row("a document's check", note, "ms", Summary.of(check), "json.loads", ratio, None, target),
    ]
