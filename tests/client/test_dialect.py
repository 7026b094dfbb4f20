"""The client and a daemon, both as they are: the original's command lines mean what they meant."""

import json
import re
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.live import Live, living
from tests.client.station import CTL, Ctl


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    """A daemon for all tests here."""
    with living() as running:
        yield running


@pytest.fixture(autouse=True)
def clean(live: Live, ctl: Ctl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A daemon without cubes, and a user without settings."""
    monkeypatch.setenv("POLYCUBECTL_URL", live.url)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("polycube_client.stdin.read", lambda **_: "")
    yield
    for name in [
        cube["name"] for cubes in json.loads(ctl("cubes", "-json")[1]).values() for cube in cubes
    ]:
        assert ctl(name, "del") == (0, "", "")
    assert ctl("cubes", "-json")[1] == "{}\n"


def said(ctl: Ctl, words: str) -> str:
    """What a command line that must succeed prints."""
    code, out, err = ctl(*words.split())
    assert (code, err) == (0, ""), (words, out, err)
    return out.rstrip("\n")


def do(ctl: Ctl, *lines: str) -> None:
    """Run command lines that must succeed in silence."""
    for line in lines:
        assert said(ctl, line) == "", line


@pytest.mark.parametrize(
    "lines",
    [
        ["helloworld add hw0", "helloworld del hw0"],
        ["add helloworld hw0", "del helloworld hw0"],
        ["helloworld hw0 add", "hw0 del"],
        ["helloworld add hw0 type=tc loglevel=trace action=forward", "del hw0"],
        ["simplebridge add hw0 type=xdp_skb", "simplebridge hw0 del"],
    ],
)
def test_the_command_stands_anywhere(ctl: Ctl, lines: list[str]) -> None:
    for line in lines:
        assert "hw0" not in said(ctl, "cubes show") or line is not lines[0]
        do(ctl, line)
    assert said(ctl, "show cubes") == said(ctl, "cubes show") == said(ctl, "cubes") == ""


def test_ports_are_added_wired_shown_and_deleted(ctl: Ctl) -> None:
    do(
        ctl,
        "simplebridge add br1",
        "br1 ports add p1 peer=veth1",
        "br1 ports add p2",
        "br1 ports p2 set peer=veth2",
    )
    assert said(ctl, "br1 ports p2 show peer") == "veth2"
    assert said(ctl, "show br1 ports p1 status") == "UP"
    do(ctl, "br1 ports p2 set peer=", "br1 ports del p1")
    assert json.loads(said(ctl, "br1 ports show -json -hide=uuid,tcubes")) == [
        {"name": "p2", "status": "DOWN", "peer": ""}
    ]


def test_connect_joins_and_disconnect_parts(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add a", "helloworld add hw1", "hw1 ports add b")
    do(ctl, "connect br1:a hw1:b")
    assert said(ctl, "hw1 ports b show peer") == "br1:a"
    code, _, err = ctl("connect", "br1:a", "veth1")
    assert (code, bool(err)) == (2, True)
    do(ctl, "disconnect br1:a hw1:b")
    assert said(ctl, "br1 ports a show peer") == ""


def test_transparent_cubes_are_attached_in_order(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add p1 peer=veth1")
    do(ctl, *(f"transparenthelloworld add t{n}" for n in (1, 2, 3, 4)))
    do(
        ctl,
        "attach t1 br1:p1",
        "attach t2 br1:p1 position=last",
        "attach t3 br1:p1 position=first",
        "attach t4 br1:p1 after=t1",
    )
    lines = said(ctl, "topology -tree").splitlines()
    assert lines[1] == "└── p1 ── t3 ── t1 ── t4 ── t2 ── veth1"
    shown = said(ctl, "topology show br1:p1")
    assert "ingress service chain: t2 ---> t4 ---> t1 ---> t3 ---> br1:p1" in shown
    do(ctl, "detach t4 br1:p1", "attach t4 veth3")
    assert "└── t4 ── stack" in said(ctl, "topology -tree")


def test_one_parameter_sets_a_leaf_and_several_an_object(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "br1 set fdb.aging-time=60")
    assert said(ctl, "br1 fdb show aging-time") == "60"
    do(ctl, "br1 fdb set aging-time=070", "br1 set loglevel=warn fdb.aging-time=80")
    assert said(ctl, "br1 show fdb aging-time") == "80"
    assert said(ctl, "br1 show loglevel") == "WARN"


def test_entries_of_a_table_are_added_and_deleted(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add p1 peer=veth1")
    do(ctl, "br1 fdb entry add 02:00:00:00:00:01 port=p1")
    assert said(ctl, "br1 fdb entry show 02:00:00:00:00:01 port") == "p1"
    assert "02:00:00:00:00:01" in said(ctl, "br1 show fdb entry")
    do(ctl, "br1 fdb entry del 02:00:00:00:00:01")
    assert "02:00:00:00:00:01" not in said(ctl, "br1 fdb show")


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("-json", '{\n  "name": "br1",'),
        ("-yaml", "name: br1\n"),
        ("-brief", "name: br1\n"),
        ("-normal", "name: br1\n"),
        ("-verbose", "name: br1\n"),
    ],
)
def test_every_form_shows_the_cube_without_links(ctl: Ctl, form: str, start: str) -> None:
    do(ctl, "simplebridge add br1")
    out = said(ctl, f"br1 show {form}")
    assert out.startswith(start)
    assert "_links" not in out


def test_help_comes_from_the_models_at_every_place(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add p1")
    assert re.search(r"^simplebridge +service +\w", said(ctl, "?"), re.MULTILINE)
    table = said(ctl, "simplebridge ?")
    assert "Create an element" in table
    assert "br1" in table
    table = said(ctl, "br1 ports add ?")
    assert "<name>" in table
    assert "peer=…" in table
    assert "p1" in said(ctl, "br1 ports show ?")
    # An alias explains itself.
    assert said(ctl, "attach ?").startswith("attach CUBE PORT")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["simple"], "simplebridge"),
        (["br1", ""], "ports"),
        (["br1", "se"], "set"),
        (["br1", "set", "log"], "loglevel="),
        (["br1", "set", "loglevel=inf"], "loglevel=info"),
        (["br1", "ports", "show", ""], "p1"),
        (["simplebridge", "add", "type=x"], ""),
        (["simplebridge", "add", "br2", "type=xdp_d"], "type=xdp_drv"),
        (["connect", "br1:"], "br1:p1"),
        (["attach", ""], "t1"),
        (["attach", "t1", "br"], "br1:p1"),
        (["events", "b"], "br1"),
    ],
)
def test_tab_is_answered_by_the_daemon(ctl: Ctl, typed: list[str], offered: str) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add p1", "transparenthelloworld add t1")
    words = said_words(ctl, typed)
    assert offered in words if offered else words == []


def said_words(ctl: Ctl, typed: list[str]) -> list[str]:
    """The words that TAB offers."""
    return ctl("--complete", *typed)[1].split()


def test_refusals_end_with_2_and_nonsense_with_64(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1")
    assert ctl("simplebridge", "add", "br1")[0] == 2
    code, _, err = ctl("br1", "set", "fdb.aging-time=x")
    assert code == 2
    assert err.startswith("polycubectl: /simplebridge/br1/fdb/aging-time: 'x' is not an integer")
    assert ctl("nowhere", "show") == (2, "", "polycubectl: No cube found named nowhere\n")
    assert ctl("br1", "show", "del")[0] == 64


def test_a_topology_goes_out_and_in_again_unchanged(ctl: Ctl, tmp_path: Path) -> None:
    do(ctl, "simplebridge add br1", "br1 ports add p1 peer=veth1", "br1 ports add a")
    do(ctl, "helloworld add hw1 action=forward", "hw1 ports add b", "connect br1:a hw1:b")
    do(ctl, "br1 fdb entry add 02:00:00:00:00:01 port=p1", "br1 set loglevel=debug")
    do(ctl, *(f"transparenthelloworld add t{n}" for n in (1, 2, 3)))
    do(ctl, "attach t1 br1:p1", "attach t2 br1:p1 position=first", "attach t3 veth3")
    exported = said(ctl, "export")
    file = tmp_path / "topology.yaml"
    file.write_text(exported)
    assert said(ctl, f"diff -f {file}") == ""
    assert said(ctl, f"diff -prune -f {file}") == ""
    for name in ("t1", "t2", "t3", "hw1", "br1"):
        do(ctl, f"{name} del")
    before = said(ctl, f"apply -dry-run -f {file}").splitlines()
    assert all(line.startswith("would create /") for line in before), before
    said(ctl, f"apply -f {file}")
    assert said(ctl, "export") == exported
    assert said(ctl, f"diff -prune -f {file}") == ""


def test_what_apply_changed_is_printed(ctl: Ctl, tmp_path: Path) -> None:
    do(ctl, "simplebridge add br1")
    file = tmp_path / "topology.yaml"
    file.write_text(said(ctl, "br1 show -yaml").replace("aging-time: 300", "aging-time: 60"))
    code, out, _ = ctl("diff", "-f", str(file))
    hunk = ["@@ /simplebridge/br1/fdb/aging-time @@", "-300", "+60"]
    assert (code, out.splitlines()[2:]) == (1, hunk)
    changed = "/simplebridge/br1/fdb/aging-time: 300 -> 60"
    assert said(ctl, f"apply -dry-run -f {file}") == f"would change {changed}"
    assert said(ctl, f"apply -f {file}") == f"changed {changed}"
    assert said(ctl, f"apply -f {file}") == "no change"


def test_events_tell_what_happens_while_it_does(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1", "helloworld add hw1")
    with subprocess.Popen([*CTL, "events", "br1"], stdout=subprocess.PIPE, text=True) as listener:
        try:
            assert listener.stdout is not None
            # Nothing says when the listener is there: things happen until it has heard one.
            for value in range(1, 500):
                do(ctl, "hw1 set action=forward", f"br1 set fdb.aging-time={value}")
                do(ctl, "hw1 set action=drop")
                if select.select([listener.stdout], [], [], 0.02)[0]:
                    break
            line = listener.stdout.readline()
        finally:
            listener.kill()
    assert re.fullmatch(r"[\d:]+ changed /simplebridge/br1/fdb/aging-time: \d+ -> \d+\n", line)


def test_watch_shows_a_change_of_another_client(ctl: Ctl) -> None:
    do(ctl, "simplebridge add br1")
    words = ["br1", "fdb", "show", "aging-time", "-json", "-watch"]
    with subprocess.Popen([*CTL, *words], stdout=subprocess.PIPE, text=True) as watcher:
        try:
            assert watcher.stdout is not None
            assert watcher.stdout.readline() == "300\n"  # it listens before it reads
            do(ctl, "br1 set fdb.aging-time=60")
            assert watcher.stdout.readline() == "60\n"
        finally:
            watcher.kill()
