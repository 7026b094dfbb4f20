"""Log lines, and the file they go to."""

import json
import logging
import re
import sys

import pytest

from polycube_runtime.daemon import options
from polycube_runtime.daemon.errors import StartError
from polycube_runtime.daemon.logs import FILE_SIZE, QUIET, JsonFormatter, Logs, TextFormatter


@pytest.fixture
def log():
    """A logger that only this test uses; what `Logs` did to the levels of others is undone."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    levels = {one: one.level for one in (root, *map(logging.getLogger, QUIET))}
    yield logging.getLogger("polycubed")
    for one, level in levels.items():
        one.setLevel(level)
    assert root.handlers == handlers


def record(name="polycubed", message="hello", **fields):
    made = logging.LogRecord(name, logging.WARNING, "", 0, message, None, None)
    vars(made).update(fields)
    return made


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("polycubed", r"\[polycubed\] \[warning\] hello$"),
        ("polycube_runtime.core.polycube", r"\[polycubed\] \[warning\] hello$"),
        ("polycube.cube.Simplebridge.br1", r"\[Simplebridge\] \[br1\] \[warning\] hello$"),
        ("polycube.cube.Simplebridge.br.1%s", r"\[Simplebridge\] \[br\.1%s\] \[warning\] hello$"),
    ],
)
def test_lines_are_the_originals(name, origin):
    line = TextFormatter().format(record(name))
    assert re.search(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] " + origin, line)


def test_json_lines_have_their_fields_apart():
    made = record("polycube.cube.Simplebridge.br1", "line\nbreak", port="p1", where=sys)
    line = JsonFormatter().format(made)
    assert "\n" not in line
    entry = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry.pop("time"))
    assert entry.pop("fields")["port"] == "p1"
    assert entry == {
        "level": "warning",
        "logger": "polycube.cube.Simplebridge.br1",
        "service": "Simplebridge",
        "cube": "br1",
        "message": "line\nbreak",
    }


def test_an_exception_is_inside_its_json_line_and_below_its_text_line():
    try:
        {}["x"]
    except KeyError:
        made = record(exc_info=sys.exc_info())
    assert "KeyError: 'x'" in json.loads(JsonFormatter().format(made))["exception"]
    first, *below = TextFormatter().format(made).splitlines()
    assert first.endswith("hello")
    assert below[-1] == "KeyError: 'x'"


def test_the_file_is_opened_anew_after_it_was_moved(tmp_path, log, capsys):
    file = tmp_path / "sub" / "p.log"
    logs = Logs(options(["--logfile", str(file)]), given=True)
    try:
        log.info("one")
        file.rename(tmp_path / "old.log")
        logs.reopen()
        log.info("two")
    finally:
        logs.close()
    assert (tmp_path / "old.log").read_text().endswith("one\n")
    assert re.fullmatch(r".*\[info\] two\n", file.read_text())
    assert capsys.readouterr().out.count("[info]") == 2, "it logs to the console, too"


def test_the_file_makes_room_for_another_at_five_megabytes(tmp_path, log):
    file = tmp_path / "p.log"
    logs = Logs(options(["--logfile", str(file)]), given=True)
    logs.leave_console()
    try:
        for _ in range(5):
            for _ in range(6):
                log.info("%s", "x" * (FILE_SIZE // 5))
    finally:
        logs.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "p.log", "p.log.1", "p.log.2", "p.log.3",
    ]  # fmt: skip
    assert all(one.stat().st_size <= FILE_SIZE for one in tmp_path.iterdir())


def test_a_file_that_was_asked_for_must_be_writable_and_another_need_not(tmp_path, log, capsys):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    settings = options(["--logfile", str(in_the_way / "p.log")])
    with pytest.raises(StartError, match=r"cannot log to .*/file/p\.log: .*; see --logfile"):
        Logs(settings, given=True)
    logs = Logs(settings, given=False)
    try:
        log.info("goes on")
    finally:
        logs.close()
    said = capsys.readouterr().out
    assert "[warning] cannot log to" in said
    assert "goes on" in said


@pytest.mark.parametrize(
    ("level", "seen"),
    [("off", []), ("err", ["err"]), ("warn", ["warn", "err"]), ("trace", ["trace", "warn", "err"])],
)
def test_levels_are_the_originals(level, seen, tmp_path, log):
    file = tmp_path / "p.log"
    settings = options(["--logfile", str(file), "--log-format", "json", "-l", level])
    logs = Logs(settings, given=True)
    try:
        log.log(5, "trace")
        log.warning("warn")
        log.error("err")
    finally:
        logs.close()
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == seen
