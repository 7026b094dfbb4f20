"""The topology as a picture."""

import re
import shutil
import subprocess

import pytest

from tests.client.station import Ctl, Station, reply


def cube(name: str, service: str, **ports: str) -> dict[str, object]:
    listed = [{"name": port, "peer": peer} for port, peer in ports.items()]
    return {"name": name, "service-name": service, "type": "TC", "ports": listed}


def tcube(name: str, parent: str) -> dict[str, object]:
    return {"name": name, "service-name": "nat", "type": "TC", "parent": parent}


CUBES = [
    cube("br1", "simplebridge", p1="veth1", up="r1:br", half="r1:lost", gone="x9:p", off="veth2"),
    cube("r1", "router", br="br1:up", lost="", odd='eth"0'),
    cube("empty", "helloworld"),
    tcube("n1", "br1:p1"),
    tcube("n2", "br1:p1"),
    tcube("n3", "r1:br"),
    tcube("n4", "veth9"),
    tcube("n5", "veth1"),
    tcube("n6", ""),
]
NETDEVS = [
    {"name": "veth1", "status": "UP"},
    {"name": "veth2", "status": "DOWN"},
    {"name": "veth9", "status": "DOWN"},
    {"name": 'eth"0', "status": "UP"},
]
TREE = """\
br1  simplebridge TC
├── p1 ── n2 ── n1 ── veth1
├── up ── r1:br
├── half ── r1:lost  (half-open, DOWN)
├── gone ── x9:p  (half-open, DOWN)
└── off ── veth2  (DOWN)
r1  router TC
├── br ── n3 ── br1:up
├── lost ── ∅  (no peer, DOWN)
└── odd ── eth"0
empty  helloworld TC
veth1  network device
└── n5 ── br1:p1
veth9  network device  (DOWN)
└── n4 ── stack
n6  nat TC  (not attached)
"""


@pytest.fixture
def town(station: Station) -> Station:
    """A daemon with everything that can be drawn."""
    station.answers["GET topology/"] = reply(200, [*CUBES, ["_links", []]])
    station.answers["GET netdevs/"] = reply(200, NETDEVS)
    chain = {"ingress service chain": "veth1 ---> n1 ---> n2 ---> br1:p1"}
    station.answers["GET topology/br1:p1/"] = reply(200, chain)
    return station


def test_the_tree_has_cubes_ports_chains_and_what_is_wrong(town: Station, ctl: Ctl) -> None:
    assert ctl("topology", "-tree") == (0, TREE, "")
    # Only a chain of several has an order to ask for.
    assert town.requests == ["GET topology/", "GET topology/br1:p1/", "GET netdevs/"]
    assert ctl("topology", "show", "-tree")[1] == TREE


@pytest.mark.usefixtures("town")
def test_a_person_gets_the_tree_and_a_script_what_it_got_before(
    ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ctl("topology")[1]
    assert before.splitlines()[0].split()[:3] == ["name", "service-name", "type"]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert ctl("topology")[1] == TREE
    assert ctl("topology", "-normal")[1] == before


def test_the_status_and_the_chain_that_the_daemon_tells_count(station: Station, ctl: Ctl) -> None:
    ports = [
        {"name": "p1", "peer": "veth1", "status": "DOWN"},
        {"name": "p2", "peer": "veth2", "status": "UP", "tcubes": ["n2", "n1"]},
    ]
    bridge = {**cube("br1", "simplebridge"), "ports": ports}
    cubes = [bridge, tcube("n1", "br1:p2"), tcube("n2", "br1:p2")]
    station.answers["GET topology/"] = reply(200, cubes)
    station.answers["GET netdevs/"] = reply(200, NETDEVS)
    assert ctl("topology", "-tree")[1].splitlines()[1:] == [
        "├── p1 ── veth1  (DOWN)",
        "└── p2 ── n2 ── n1 ── veth2",
    ]


def test_the_order_on_a_device_is_that_from_the_device_on(station: Station, ctl: Ctl) -> None:
    station.answers["GET topology/"] = reply(200, [tcube("n1", "veth9"), tcube("n2", "veth9")])
    chain = {"ingress service chain": "n2 ---> n1 ---> stack"}
    station.answers["GET topology/veth9/"] = reply(200, chain)
    station.answers["GET netdevs/"] = reply(200, [])
    assert ctl("topology", "-tree")[1].splitlines()[1] == "└── n2 ── n1 ── stack"


def drawn(text: str, node: str, edge: str) -> set[tuple[str, ...]]:
    """The lines of a picture, each as the labels on it; `|` ends the one that is half-open."""
    labels = dict(re.findall(node, text))
    lines = [line.strip() for line in text.splitlines() if re.search(edge, line)]
    return {
        (*(labels[name] for name in re.findall(r"n\d+", line)), *(["|"] * ("half-open" in line)))
        for line in lines
    }


LINES = {
    ("p1", "n2", "n1", "n5", "veth1"),
    ("up", "n3", "br"),
    ("half", "lost", "|"),
    ("gone", "x9:p", "|"),
    ("off", "veth2"),
    ("veth9", "n4", "stack"),
}


@pytest.mark.usefixtures("town")
def test_dot_has_the_same_and_graphviz_reads_it(ctl: Ctl) -> None:
    text = ctl("topology", "-dot")[1]
    lines = drawn(text, r'(n\d+) \[label="([^"\\]+)', " -- ")
    assert lines - {("odd", "eth")} == LINES
    assert r'[label="eth\"0", shape=ellipse]' in text
    assert r'label="br1\nsimplebridge TC"' in text
    assert re.search(r'label="lost", shape=box, style=dashed', text)
    assert re.search(r'label="empty\\nhelloworld TC", shape=box3d', text)
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tsvg"], input=text.encode(), check=True, capture_output=True)


@pytest.mark.usefixtures("town")
def test_mermaid_has_the_same(ctl: Ctl) -> None:
    text = ctl("topology", "-mermaid")[1]
    lines = drawn(text, r'(n\d+)(?:\[\[|\[|\(\[|\{\{)"([^"]+)"', " --- | -\\. ")
    assert lines == LINES | {("odd", "eth#quot;0")}
    assert text.startswith('flowchart LR\n  subgraph c0["br1<br>simplebridge TC"]\n')
    down = re.findall(r"class (.*) down", text)[0].split(",")
    names = dict(re.findall(r'(n\d+)[\[({]+"([^"]+)"', text))
    assert {names[one] for one in down} == {
        "half",
        "gone",
        "off",
        "lost",
        "veth2",
        "veth9",
        "x9:p",
        "n6<br>not attached",
    }


@pytest.mark.parametrize("form", ["-tree", "-dot", "-mermaid"])
def test_nothing_is_drawn_of_an_empty_daemon(station: Station, ctl: Ctl, form: str) -> None:
    station.answers["GET topology/"] = reply(200, [])
    station.answers["GET netdevs/"] = reply(200, [])
    code, out, _ = ctl("topology", form)
    assert code == 0
    assert "n0" not in out
