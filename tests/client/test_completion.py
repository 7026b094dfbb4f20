"""Words for TAB."""

import json
import subprocess

import pytest

from polycube_client.completion import SHELLS, complete, script
from polycube_client.config import Settings
from polycube_client.daemon import Daemon
from polycube_client.errors import UnreachableError, UsageError
from polycube_client.request import OWN_WORDS, Request
from polycube_client.wire import Reply

ANSWERS = {
    "?help=NONE&completion": ["connect", "attach", "cubes", "simplebridge", "br1"],
    "br1/?help=NONE&completion": ["add", "set", "show", "ports", "fdb"],
    "br1/?help=SET&completion": ["loglevel=", "shadow="],
    "br1/ports/?help=SHOW&completion": ["p1", "p2"],
    "br1/ports/?help=ADD&completion": ["name"],
    "br1/type/?help=SET&completion": ["tc", "xdp_skb", "xdp_drv"],
    "br1/fdb/aging-time/?help=SET&completion": ["300"],
    "r1/route/10.0.0.0%2F24/?help=DEL&completion": ["10.0.1.2"],
    "connect/?help=NONE&completion": ["br1:p1", "r1:p1"],
    "cubes/?help=NONE&completion": ["add", "show", "fw1", "br1"],
}


class Scripted(Daemon):
    """A daemon that answers from a table, and 400 to everything else."""

    def __init__(self) -> None:
        super().__init__(Settings())

    def send(self, request: Request, *, timeout: float | None = None) -> Reply:
        """Answer from the table; a question without a time limit is a test failure."""
        assert request.method == "OPTIONS"
        assert timeout is not None
        words = ANSWERS.get(request.target)
        status = 400 if words is None else 200
        return Reply(status, "", {}, json.dumps(words).encode())


@pytest.mark.parametrize(
    ("line", "candidates"),
    [
        (
            "",
            f"connect attach cubes simplebridge br1 add set show del {' '.join(OWN_WORDS)}",
        ),
        ("c", "connect cubes completion"),
        ("show c", "connect cubes"),
        ("show s", "simplebridge"),
        ("add ", "connect attach cubes simplebridge br1"),
        ("br1 ", "add set show ports fdb"),
        ("br1 s", "set show"),
        ("br1 set ", "loglevel= shadow="),
        ("br1 set lo", "loglevel="),
        ("br1 set loglevel=info ", "shadow="),
        ("br1 set type=x", "type=xdp_skb type=xdp_drv"),
        ("br1 set fdb.aging-time=", "fdb.aging-time=300"),
        ("br1 ports show ", "p1 p2"),
        ("br1 show ports p", "p1 p2"),
        ("br1 ports add ", "name"),
        ("r1 route del 10.0.0.0/24 ", "10.0.1.2"),
        ("connect ", "br1:p1 r1:p1"),
        ("connect br1:p1 ", "r1:p1"),
        ("connect br1:p1 r1:p1 ", ""),
        ("attach f", "fw1"),
        ("attach fw1 b", "br1:p1"),
        ("attach fw1 br1:p1 ", "position= after= before="),
        ("detach fw1 br1:p1 ", ""),
        ("completion ", "bash zsh fish"),
        ("br1 show -", "-brief -normal -verbose -json -yaml -hide= -watch"),
        ("topology -t", "-tree"),
        ("topology -m", "-mermaid"),
        ("br1 set -", "-dry-run"),
        ("fw append -", "-dry-run -brief -normal -verbose -json -yaml -hide="),
        ("apply -", "-f -prune -dry-run -json -yaml"),
        ("diff -", "-f -prune -json -yaml"),
        ("export -", "-json -yaml"),
        ("apply ", "-f"),
        ("export ", ""),
        ("events ", "fw1 br1"),
        ("events b", "br1"),
        ("br1 show -j", "-json"),
        ("nowhere ", ""),
        ("add del ", ""),
    ],
)
def test_the_daemon_knows_what_can_follow(line: str, candidates: str) -> None:
    assert complete(Scripted(), line.split(" ")) == candidates.split()


def test_no_words_are_like_one_empty_word() -> None:
    assert "simplebridge" in complete(Scripted(), [])


def test_without_a_daemon_there_are_no_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> Reply:
        raise UnreachableError

    monkeypatch.setattr(Scripted, "send", fail)
    assert complete(Scripted(), ["br1", ""]) == []


@pytest.mark.parametrize("body", [b"no json", b'{"a": 1}', b"5"])
def test_an_answer_that_is_no_list_gives_no_candidates(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scripted, "send", lambda *_, **__: Reply(200, "OK", {}, body))
    assert complete(Scripted(), ["br1", ""]) == []


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"]])
def test_a_script_is_for_one_known_shell(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"polycubectl completion bash\|zsh\|fish"):
        script(words)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_asks_polycubectl_itself(shell: str) -> None:
    text = script([shell])
    assert "polycubectl --complete" in text
    assert "</dev/null" in text


@pytest.mark.parametrize(
    ("typed", "asked", "found", "offered"),
    [
        ("polycubectl br1 se", "br1|se|", "set", ["set"]),
        ("polycubectl br1 ", "br1||", "ports\\nfdb", ["ports", "fdb"]),
        ("polycubectl br1 set type=x", "br1|set|type=x|", "type=xdp_skb", ["xdp_skb"]),
        ("polycubectl connect br1:p", "connect|br1:p|", "br1:p1\\nbr1:p2", ["p1", "p2"]),
        ("polycubectl zz", "zz|", "", [""]),
    ],
)
def test_the_bash_script_completes_what_bash_cuts_at_colons_and_equal_signs(
    typed: str, asked: str, found: str, offered: list[str]
) -> None:
    harness = f"""
        {script(["bash"])}
        polycubectl() {{ shift; printf '%s|' "$@" >&3; printf '%b' '{found}'; }}
        COMP_LINE='{typed}'
        COMP_POINT=${{#COMP_LINE}}
        exec 3>&1
        _polycubectl
        printf '\\n'
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    result = subprocess.run(
        ["bash", "-c", harness], capture_output=True, text=True, check=True, timeout=20
    )
    assert result.stdout.splitlines() == [asked, *offered]
