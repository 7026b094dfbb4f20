"""What constraints cost grows with the document, and no faster: counted in calls, not in time."""

import importlib
import sys

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.support.instance import load
from tests.generator import cases

MODEL = """
  container c {
    list a { key name; leaf name { type string; } leaf mtu { type uint16; default 1500; }
      leaf on { type boolean; default true; } }
    list b { key id; ordered-by user; unique "ip port";
      leaf id { type uint32; } leaf ip { type string; } leaf port { type uint16; }
      leaf n { type decimal64 { fraction-digits 2; } }
      leaf a { type leafref { path "/t:c/t:a/t:name"; } }
      leaf mtu { type leafref { path "/t:c/t:a[t:name = current()/../t:a]/t:mtu"; } }
      %s
    }
  }
"""


@pytest.mark.parametrize(
    "expression",
    [
        "/t:c/t:a[t:name = current()/a]/t:mtu > 100",
        "deref(a)/../mtu > 100",
        "not(preceding-sibling::b) or preceding-sibling::b[1]/id < id",
        "not(preceding-sibling::b[ip = current()/ip][port = current()/port])",
        "count(following-sibling::b) >= 0",
        "../b[last()]/id >= id",
        "../b[port > 0][last()]/id >= id",
        "../b[port > 0][position() = 3]/id >= 0",
        "../b[id = 5]/ip and ../b[n = 1.5]",
        "../b[id = current()/id + 0]",
        "count(/t:c/t:a[t:on = 'true']) > 0",
        "../a[mtu > 100]",
        "sum(../a/mtu) > 0 and count(../b[port > 5]) > 0",
        "../a/name = a",
        "../b/id >= id and id <= ../b/id and ../a/mtu > id - id",
        "../b/id = id + 0 and ../b/ip = concat(ip, '')",
    ],
)
def test_the_cost_of_a_constraint_is_linear(expression, tmp_path, monkeypatch):
    model = cases.FRAME.format(model=MODEL % f'must "{expression}";')
    (tmp_path / "yang").mkdir()
    (tmp_path / "yang" / "t.yang").write_text(model, encoding="utf-8")
    package = f"linear_{abs(hash(expression))}"
    publish.write(tmp_path / package, emit.render(schema.load(tmp_path / "yang")))
    monkeypatch.syspath_prepend(tmp_path)
    model = importlib.import_module(f"{package}.t").MODEL
    calls(model, document(10))  # what is done once
    assert calls(model, document(200)) < 2.2 * calls(model, document(100))


def document(size):
    """Return a document with so many entries in each list."""
    entries = [{"name": f"n{number}"} for number in range(size)]
    others = [
        {"id": n, "ip": f"i{n}", "port": n + 1, "n": "1.50", "a": f"n{n}", "mtu": 1500}
        for n in range(size)
    ]
    return {"t:c": {"a": entries, "b": others}}


def calls(model, content):
    """Return how many calls it takes to check a document."""
    count = 0

    def seen(_frame, event, _argument):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        load(model, content)
    finally:
        sys.setprofile(None)
    return count
