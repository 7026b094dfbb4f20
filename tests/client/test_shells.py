"""TAB in the shells themselves: typed on a terminal, and what runs then."""

import os
import pty
import select
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.client.station import Station, reply

SET_UP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(polycubectl completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -Uz compinit && compinit -u -D; source <(polycubectl completion zsh)",
    ),
    "fish": (["fish", "--no-config", "-i"], "polycubectl completion fish | source"),
}
TYPED = [
    ("polycubectl br1 sh\t", "GET br1/", ("br1/?help=NONE&completion", ["set", "show", "ports"])),
    (
        "polycubectl br1 ports show p\t",
        "GET br1/ports/p17/",
        ("br1/ports/?help=SHOW&completion", ["p17", "q1"]),
    ),
    (
        "polycubectl connect br1:p\tveth1",
        "POST connect/",
        ("connect/?help=NONE&completion", ["br1:p1", "br2:p1"]),
    ),
    (
        "polycubectl br1 set type=xd\t",
        "PATCH br1/type/",
        ("br1/type/?help=SET&completion", ["tc", "xdp_skb"]),
    ),
    ("polycubectl apply -f topo\t", "PATCH topology/", ("", [])),
]


@pytest.fixture
def home(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a `polycubectl` that is on the path, and one file to complete."""
    program = tmp_path / "bin" / "polycubectl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m polycube_client "$@"\n')
    program.chmod(0o755)
    (tmp_path / "topology.yaml").write_text("[]\n")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "xdg"))
    for asked, status in (("GET br1/", 200), ("POST connect/", 201), ("PATCH br1/type/", 200)):
        station.answers[asked] = reply(status)
    station.answers["GET br1/ports/p17/"] = reply(200, {})
    station.answers["PATCH topology/"] = reply(200, {"changes": []})
    return tmp_path


def typed(command: list[str], lines: list[str], done: Path) -> str:
    """Run a shell on a terminal, type `lines`, and return what the terminal showed.

    `done` is the file that the last line makes: a shell takes its time, and a test that only
    slept would take all of it.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(command[0], command)  # noqa: S606 - a shell, as a user starts it
    shown = b""
    try:
        for line in lines:
            os.write(terminal, f"{line}\n".encode())
        deadline = time.monotonic() + 30
        while not done.exists() and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.05)[0]:
                shown += os.read(terminal, 65536)
    finally:
        os.kill(child, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(child, 0)
    return shown.decode(errors="replace")


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"no {name}"))
        for name in SET_UP
    ],
)
@pytest.mark.parametrize(("keys", "runs", "answer"), TYPED, ids=[one[0] for one in TYPED])
def test_a_word_begun_is_ended_by_tab(
    station: Station, home: Path, shell: str, keys: str, runs: str, answer: tuple[str, list[str]]
) -> None:
    question, words = answer
    station.answers[f"OPTIONS {question}"] = reply(200, words)
    command, set_up = SET_UP[shell]
    done = home / "done"
    shown = typed(command, [set_up, keys, f"touch {done}"], done)
    assert runs in station.requests, shown
    if runs == "POST connect/":
        assert station.heard[-1][1] == {"peer1": "br1:p1", "peer2": "veth1"}
    if runs == "PATCH br1/type/":
        assert station.heard[-1][1] == "xdp_skb"
