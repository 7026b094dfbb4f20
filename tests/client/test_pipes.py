"""polycubectl among pipes, files, here-strings and signals."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.client.station import CTL, Answer, Station, reply


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run ``command`` as a user of bash would."""
    words = ["bash", "-c", command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=20)


STDIN_FORMS = [
    "{ctl} cubes add < {file}",
    "cat {file} | {ctl} cubes add",
    "(sleep 0.2; cat {file}) | {ctl} cubes add",
    '{ctl} cubes add <<< "$(cat {file})"',
    "{ctl} cubes add < <(cat {file})",
    "mkfifo {file}.fifo; (cat {file} > {file}.fifo &) ; {ctl} cubes add < {file}.fifo",
]


@pytest.mark.parametrize("form", STDIN_FORMS)
def test_every_form_of_standard_input_reaches_the_daemon(
    station: Station, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "cubes.yaml"
    file.write_text("- name: br1\n  service-name: simplebridge\n  fdb: {aging-time: 60}\n")
    station.answers["POST cubes/"] = reply(201)
    command = form.format(ctl=" ".join(CTL), file=file)
    result = shell(command)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    body = [{"name": "br1", "service-name": "simplebridge", "fdb": {"aging-time": 60}}]
    assert station.heard == [("POST cubes/", body)]


def test_a_flow_list_in_a_here_string_is_the_value_of_an_empty_parameter(station: Station) -> None:
    station.answers["POST fw/chain/INGRESS/batch/"] = reply(201)
    command = (
        'batch="[{operation: append, src: 10.0.0.1, sport: 80}]"; '
        f"{' '.join(CTL)} fw chain INGRESS batch rules=<<<$batch"
    )
    subprocess.run(["bash", "-c", command], check=True, timeout=20)
    rule = {"operation": "append", "src": "10.0.0.1", "sport": 80}
    assert station.heard == [("POST fw/chain/INGRESS/batch/", {"rules": [rule]})]


def test_a_loop_over_a_file_keeps_its_lines(station: Station, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("br1\nbr2\nbr3\n")
    for name in ("br1", "br2", "br3"):
        station.answers[f"POST simplebridge/{name}/"] = reply(201)
    loop = f"while read -r name; do {' '.join(CTL)} simplebridge add $name; done < {names}"
    subprocess.run(["bash", "-c", loop], check=True, timeout=20)
    assert station.requests == [f"POST simplebridge/br{n}/" for n in (1, 2, 3)]


def test_an_inherited_pipe_that_nobody_writes_does_not_hang(station: Station) -> None:
    station.answers["POST simplebridge/br1/"] = reply(201)
    reader, writer = os.pipe()
    try:
        command = [*CTL, "simplebridge", "add", "br1"]
        subprocess.run(command, stdin=reader, check=True, capture_output=True, timeout=20)
    finally:
        os.close(reader)
        os.close(writer)
    assert station.heard == [("POST simplebridge/br1/", {})]


def test_a_reader_that_leaves_early_is_no_error(station: Station) -> None:
    station.answers["GET br1/"] = reply(200, [{"n": n, "text": "x" * 100} for n in range(5000)])
    command = f"{' '.join(CTL)} br1 show | head -1; exit ${{PIPESTATUS[0]}}"
    result = shell(command)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.split() == ["n", "text"]


@pytest.mark.parametrize(
    ("redirect", "code", "words"),
    [(">&-", 0, ""), ("> /dev/full", 2, "cannot write the result: No space left on device")],
)
def test_an_output_that_cannot_be_written(
    station: Station, redirect: str, code: int, words: str
) -> None:
    station.answers["GET br1/"] = reply(200, {"name": "br1"})
    command = f"{' '.join(CTL)} br1 show {redirect}"
    result = shell(command)
    assert result.returncode == code
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 1


def test_control_c_ends_quietly_with_130(station: Station) -> None:
    asked, answer = threading.Event(), threading.Event()

    def hold(_: object) -> Answer:
        asked.set()
        answer.wait(10)
        return reply(200, 1)

    station.answers["GET br1/"] = hold
    with subprocess.Popen([*CTL, "br1", "show"], stderr=subprocess.PIPE) as process:
        assert asked.wait(10)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
        answer.set()
    assert (process.returncode, err) == (130, b"")
