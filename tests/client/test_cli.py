"""The whole client against a small daemon."""

import json
from importlib import metadata

import pytest

from polycube_client import cli
from tests.client.station import API, Answer, Ctl, Station, invalid, reply


def test_show_prints_the_reply(station: Station, ctl: Ctl) -> None:
    station.answers["GET br1/ports/"] = reply(200, [{"name": "p1", "peer": "veth1"}])
    assert ctl("br1", "ports", "show") == (0, "name  peer\np1    veth1\n", "")


def test_a_leaf_is_printed_bare(station: Station, ctl: Ctl) -> None:
    station.answers["GET fw/chain/INGRESS/stats/0/pkts/"] = reply(200, 2)
    assert ctl(*["fw", "chain", "INGRESS", "stats", "0", "show", "pkts"])[1] == "2\n"


def test_text_that_is_no_json_is_printed_as_it_is(station: Station, ctl: Ctl) -> None:
    station.answers["GET metrics/"] = (200, {}, b"nat_rules 4.0\n# EOF\n")
    assert ctl("metrics", "show")[1] == "nat_rules 4.0\n# EOF\n"


@pytest.mark.parametrize(
    ("words", "asked", "body"),
    [
        ("simplebridge add br1", "POST simplebridge/br1/", {}),
        ("br1 set loglevel=debug", "PATCH br1/loglevel/", "debug"),
        ("br1 ports del p1", "DELETE br1/ports/p1/", None),
        ("connect br1:p1 veth1", "POST connect/", {"peer1": "br1:p1", "peer2": "veth1"}),
    ],
)
def test_changes_succeed_silently(
    station: Station, ctl: Ctl, words: str, asked: str, body: object
) -> None:
    station.answers[asked] = reply(201 if body is not None else 204)
    assert ctl(*words.split()) == (0, "", "")
    assert station.heard == [(asked, body)]


def test_an_action_prints_its_output(station: Station, ctl: Ctl) -> None:
    station.answers["POST fw/chain/INGRESS/append/"] = reply(201, {"id": 0})
    assert ctl(*["fw", "chain", "INGRESS", "append", "action=DROP"]) == (0, "id: 0\n", "")


def test_help_is_a_table_or_by_json_what_the_daemon_said(station: Station, ctl: Ctl) -> None:
    answer = {"commands": ["add"], "params": {}}
    station.answers["OPTIONS br1/ports/?help=NONE"] = reply(200, answer)
    assert ctl("br1", "ports", "?")[1].splitlines()[0].split() == [
        "Keyword",
        "Type",
        "Description",
        "Example",
    ]
    assert json.loads(ctl("br1", "ports", "-json", "?")[1]) == answer


def test_help_of_an_alias_needs_no_daemon(ctl: Ctl) -> None:
    code, out, _ = ctl("attach", "?")
    assert code == 0
    assert out.startswith("attach CUBE PORT [position=")


@pytest.mark.parametrize("absolute", [False, True])
def test_a_cube_name_is_redirected_with_method_body_and_query(
    station: Station, ctl: Ctl, *, absolute: bool
) -> None:
    # The daemon may believe in another address for itself: only the path counts.
    host = "http://127.0.0.1:1" if absolute else ""
    for asked in ("PATCH br1/", "OPTIONS br1/?help=SET"):
        station.answers[asked] = reply(308, Location=f"{host}{API}simplebridge/br1/")
    station.answers["PATCH simplebridge/br1/"] = reply(200)
    station.answers["OPTIONS simplebridge/br1/?help=SET"] = reply(200, {})
    assert ctl("br1", "set", "a=1", "b=2")[0] == 0
    assert station.heard[-1] == ("PATCH simplebridge/br1/", {"a": 1, "b": 2})
    assert ctl("br1", "set", "?")[0] == 0


def test_a_circle_of_redirects_ends(station: Station, ctl: Ctl) -> None:
    station.answers["GET br1/"] = reply(308, Location=f"{API}br1/")
    code, out, err = ctl("br1", "show")
    assert (code, out) == (1, "")
    assert "redirects in a circle" in err


def test_a_refusal_is_worded_on_standard_error(station: Station, ctl: Ctl) -> None:
    station.answers["POST simplebridge/br1/"] = reply(
        409,
        {"ietf-restconf:errors": {"error": [{"error-tag": "data-exists", "error-info": "br1"}]}},
    )
    assert ctl("simplebridge", "add", "br1") == (2, "", "polycubectl: br1: this exists already\n")
    assert ctl("nowhere", "show") == (2, "", "polycubectl: No cube found\n")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("simplebrige add br1", "; did you mean 'simplebridge'?"),
        ("toplogy show", "; did you mean 'topology'?"),
        ("aply", "; did you mean 'apply'?"),
        ("simplebridge show nothing", ""),
        ("xyz show", ""),
    ],
)
def test_a_misspelt_first_word_is_guessed_from_what_the_daemon_knows(
    station: Station, ctl: Ctl, words: str, hint: str
) -> None:
    known = ["connect", "topology", "simplebridge", "br1"]
    station.answers["OPTIONS ?help=NONE&completion"] = reply(200, known)
    assert ctl(*words.split()) == (2, "", f"polycubectl: No cube found{hint}\n")


def test_a_wrong_guess_is_corrected_by_the_model(station: Station, ctl: Ctl) -> None:
    def strict(body: object) -> Answer:
        right = body == {"name": "10", "port": 80, "opts": {"tag": "7"}, "on": True, "other": 5}
        return reply(201) if right else invalid("/lb/backend/name", "10 is not a string")

    path = "lb/backend/x/"
    station.answers[f"POST {path}"] = strict
    station.answers[f"OPTIONS {path}?help=ADD"] = reply(
        200,
        {
            "params": {},
            "optional-params": {
                "name": {"simpletype": "string"},
                "port": {"simpletype": "unsigned"},
                "on": {"simpletype": "boolean"},
            },
        },
    )
    station.answers[f"OPTIONS {path}opts/?help=SET"] = reply(
        200, {"params": {"tag": {"simpletype": "string"}}}
    )
    words = ["lb", "backend", "add", "x", "name=10", "port=080", "opts.tag=7", "on=t", "other=5"]
    assert ctl(*words) == (0, "", "")
    assert station.requests.count(f"POST {path}") == 2


def test_a_refusal_that_types_cannot_mend_is_not_repeated(station: Station, ctl: Ctl) -> None:
    station.answers["PATCH br1/fdb/aging-time/"] = invalid("/br1/fdb/aging-time", "too big")
    station.answers["OPTIONS br1/fdb/?help=SET"] = reply(
        200, {"params": {"aging-time": {"simpletype": "unsigned"}}}
    )
    code, _, err = ctl("br1", "set", "fdb.aging-time=99999")
    assert (code, err) == (2, "polycubectl: /br1/fdb/aging-time: too big\n")
    assert station.requests == ["PATCH br1/fdb/aging-time/", "OPTIONS br1/fdb/?help=SET"]


def test_a_usage_error_sends_nothing(station: Station, ctl: Ctl) -> None:
    code, out, err = ctl("br1", "add", "del")
    assert (code, out) == (64, "")
    assert err.startswith("polycubectl: 'add' and 'del' on one line")
    assert station.heard == []


def test_a_bug_is_one_line_and_by_debug_a_traceback(
    monkeypatch: pytest.MonkeyPatch, ctl: Ctl
) -> None:
    def fail(*_: object) -> str:
        message = "unforeseen"
        raise ValueError(message)

    monkeypatch.setattr(cli, "run", fail)
    monkeypatch.delenv("POLYCUBECTL_DEBUG", raising=False)
    code, _, err = ctl("br1")
    assert code == 2
    assert err == (
        "polycubectl: internal error: ValueError: unforeseen; POLYCUBECTL_DEBUG=true shows where\n"
    )
    monkeypatch.setenv("POLYCUBECTL_DEBUG", "1")
    assert "Traceback" in ctl("br1")[2]


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ([], "polycubectl - configure"),
        (["-h"], "polycubectl - configure"),
        (["br1", "--help"], "polycubectl - configure"),
        (["apply", "-help"], "apply -f FILE"),
        (["diff", "?"], "diff -f FILE"),
        (["export", "?"], "export [-yaml|-json]"),
        (["events", "?"], "events [CUBE] [-json]"),
        (["completion", "?"], "completion bash|zsh|fish"),
        (["detach", "?"], "detach CUBE PORT"),
        (["completion", "fish"], "# fish completion"),
    ],
)
def test_texts_need_no_daemon(ctl: Ctl, words: list[str], start: str) -> None:
    code, out, err = ctl(*words)
    assert (code, err) == (0, "")
    assert out.startswith(start)
    assert max(map(len, out.splitlines())) <= 110


def test_the_version_is_that_of_the_package(ctl: Ctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", {cli.DISTRIBUTION: "1.2.3"}.__getitem__)
    assert ctl("--version") == (0, "polycubectl 1.2.3\n", "")

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    unknown = "polycubectl: the version is not known: polycube-py is not installed\n"
    assert ctl("--version") == (64, "", unknown)


def test_completion_prints_one_word_a_line(station: Station, ctl: Ctl) -> None:
    station.answers["OPTIONS br1/ports/?help=SHOW&completion"] = reply(200, ["p1", "p2", "q"])
    assert ctl("--complete", "br1", "ports", "show", "p") == (0, "p1\np2\n", "")
    assert ctl("--complete", "br1", "-h") == (0, "-hide=\n", "")
