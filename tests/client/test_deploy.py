"""`apply`, `diff`, `export`, and `-dry-run` of any change."""

import json
from pathlib import Path

import pytest

from polycube_client.yamltext import load
from tests.client.station import Answer, Ctl, Station, invalid, reply

TOPOLOGY = {
    "cubes": [
        {
            "name": "br1",
            "service-name": "simplebridge",
            "fdb": {"aging-time": 60, "entry": [{"address": "10:20:30:40:50:50", "port": "no"}]},
            "odd": ["1e5", "010", "~", "true", "1.5", "", "a: b", "- x", "ü\n", 1.5e-7, 0.1, None],
            "big": 2**64 - 1,
        }
    ],
    "attachments": [{"cube": "fw1", "port": "veth1"}],
}
BY_F = "a file is named by -f: polycubectl apply -f FILE"
CHANGE = {"op": "replace", "path": "/simplebridge/br1/fdb/aging-time", "old": 300, "new": 60}


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file that holds the topology."""
    path = tmp_path / "topology.json"
    path.write_text(json.dumps(TOPOLOGY))
    return str(path)


def test_apply_sends_the_file_and_prints_what_was_changed(
    station: Station, ctl: Ctl, file: str
) -> None:
    station.answers["PATCH topology/"] = reply(200, {"changes": [CHANGE]})
    out = "changed /simplebridge/br1/fdb/aging-time: 300 -> 60\n"
    assert ctl("apply", "-f", file) == (0, out, "")
    assert station.heard == [("PATCH topology/", TOPOLOGY)]
    assert json.loads(ctl("apply", "-f", file, "-json")[1]) == [CHANGE]


@pytest.mark.parametrize(
    ("words", "asked", "out"),
    [
        ("apply -prune", "PUT topology/", "no change\n"),
        ("apply -dry-run", "PATCH topology/?dry-run", "no change\n"),
        ("apply -prune -dry-run", "PUT topology/?dry-run", "no change\n"),
        ("diff", "PATCH topology/?dry-run", ""),
        ("diff -prune", "PUT topology/?dry-run", ""),
        ("diff -json", "PATCH topology/?dry-run", "[]\n"),
    ],
)
def test_flags_choose_the_request(
    station: Station, ctl: Ctl, file: str, words: str, asked: str, out: str
) -> None:
    station.answers[asked] = reply(200, {"changes": []})
    assert ctl(*words.split(), "-f", file) == (0, out, "")
    assert station.requests == [asked]


def test_diff_shows_the_difference_and_exits_with_1(station: Station, ctl: Ctl, file: str) -> None:
    station.answers["PATCH topology/?dry-run"] = reply(200, {"changes": [CHANGE]})
    url = f"http://localhost:{station.server_address[1]}"
    hunk = "@@ /simplebridge/br1/fdb/aging-time @@\n-300\n+60\n"
    assert ctl("diff", "-f", file) == (1, f"--- {url}\n+++ {file}\n{hunk}", "")
    code, out, _ = ctl("diff", "-f", file, "-json")
    assert (code, json.loads(out)) == (1, [CHANGE])


def test_diff_is_coloured_for_people_unless_they_say_no(
    station: Station, ctl: Ctl, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.answers["PATCH topology/?dry-run"] = reply(200, {"changes": [CHANGE]})
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[31m-300\x1b[m\n" in ctl("diff", "-f", file)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in ctl("diff", "-f", file)[1]


def test_trouble_in_diff_is_above_1(
    station: Station, ctl: Ctl, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.answers["PATCH topology/?dry-run"] = invalid("/simplebridge/br1", "no")
    assert ctl("diff", "-f", file)[0] == 2
    assert ctl("diff", "-f", f"{file}.none")[0] == 64
    monkeypatch.setenv("POLYCUBECTL_URL", "unix:///nowhere.sock")
    assert ctl("diff", "-f", file)[0] == 2
    assert ctl("apply", "-f", file)[0] == 1


@pytest.mark.parametrize("flag", ["", "-yaml", "-json"])
def test_what_export_prints_apply_sends_back_unchanged(
    station: Station, ctl: Ctl, tmp_path: Path, flag: str
) -> None:
    station.answers["GET topology/?config"] = reply(200, TOPOLOGY)
    station.answers["PATCH topology/"] = reply(200, {"changes": []})
    code, out, _ = ctl("export", *flag.split())
    assert (code, load(out)) == (0, TOPOLOGY)
    assert out.startswith("{" if flag == "-json" else "cubes:")
    (tmp_path / "x").write_text(out)
    assert ctl("apply", "-f", str(tmp_path / "x")) == (0, "no change\n", "")
    assert station.heard[-1] == ("PATCH topology/", TOPOLOGY)


def test_an_answer_that_tells_no_changes_is_no_success(
    station: Station, ctl: Ctl, file: str
) -> None:
    station.answers["PATCH topology/?dry-run"] = reply(200)
    code, out, err = ctl("diff", "-f", file)
    assert (code, out) == (2, "")
    assert err == (
        "polycubectl: this polycubed does not tell what it changes (no `changes` in its answer)\n"
    )


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("apply", "'apply' of which file? polycubectl apply -f FILE (- is standard input)"),
        ("diff -f", "'diff' of which file? polycubectl diff -f FILE (- is standard input)"),
        ("apply x.yaml", f"'apply' takes flags only, but 'x.yaml' is given; {BY_F}"),
        ("export a=1", "'export' takes flags only, but 'a=…' is given"),
        ("export -f x", "'-f' and '-prune' are for apply and diff: polycubectl apply -f FILE"),
        ("br1 show -prune", "'-f' and '-prune' are for apply and diff: polycubectl apply -f FILE"),
        ("diff -f x -dry-run", "'-dry-run' is not for 'diff', which changes nothing"),
        (
            "cubes -dry-run",
            "'-dry-run' is for commands that change something, and this one only shows",
        ),
        ("br1 show -dot", "'-dot' draws the topology: polycubectl topology -dot"),
    ],
)
def test_what_does_not_fit_is_refused(station: Station, ctl: Ctl, words: str, error: str) -> None:
    assert ctl(*words.split()) == (64, "", f"polycubectl: {error}\n")
    assert station.heard == []


@pytest.mark.parametrize(
    ("words", "asked", "body"),
    [
        ("br1 set fdb.aging-time=60", "PATCH br1/fdb/aging-time/?dry-run", 60),
        ("simplebridge add br2", "POST simplebridge/br2/?dry-run", {}),
        ("br1 del", "DELETE br1/?dry-run", None),
        ("fw append a=1", "POST fw/append/?dry-run", {"a": 1}),
        ("attach fw1 veth1", "POST attach/?dry-run", {"cube": "fw1", "port": "veth1"}),
    ],
)
def test_any_change_can_be_tried(
    station: Station, ctl: Ctl, words: str, asked: str, body: object
) -> None:
    station.answers[asked] = reply(200, {"changes": [CHANGE]})
    out = "would change /simplebridge/br1/fdb/aging-time: 300 -> 60\n"
    assert ctl(*words.split(), "--dry-run") == (0, out, "")
    assert station.heard == [(asked, body)]


def test_a_wrong_guess_is_corrected_in_a_dry_run_too(station: Station, ctl: Ctl) -> None:
    def strict(body: object) -> Answer:
        return reply(200, {"changes": []}) if body == "10" else invalid("/br1/a", "10 is no text")

    station.answers["PATCH br1/a/?dry-run"] = strict
    station.answers["OPTIONS br1/?help=SET"] = reply(
        200, {"params": {"a": {"simpletype": "string"}}}
    )
    assert ctl("br1", "set", "a=10", "-dry-run") == (0, "no change\n", "")
