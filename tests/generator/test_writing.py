"""A run that fails, is interrupted or meets another one leaves whole trees, old or new."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from polycube_generator import cli, emit, publish, writing
from polycube_generator.problems import GeneratorError

COMMAND = (sys.executable, "-m", "polycube_generator.cli")
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C"}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def built(models, tmp_path):
    """A folder that was built, and whose model has another leaf since."""
    models.write("leaf x { type uint8; }")
    out = tmp_path / "out"
    assert cli.main(["build", "--yang", str(models.folder), "--out", str(out)]) == 0
    models.write("leaf other { type uint8; }")
    return out


def build(models, out: Path, **more) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "build", "--yang", str(models.folder), "--out", str(out)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def test_a_disk_that_is_full_changes_nothing(models, built):
    before = content(built)

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    running = build(models, built, preexec_fn=little_room)
    printed, complaint = running.communicate(timeout=60)
    assert (running.returncode, printed) == (1, "")
    assert complaint.endswith("error: cannot be written: File too large\n")
    assert content(built) == before


def test_a_new_service_without_room_leaves_nothing(tmp_path):
    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    path = tmp_path / "new"
    ended = subprocess.run(
        [*COMMAND, "new", "probe", "--path", str(path)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        preexec_fn=no_room,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert not path.exists()


def test_a_name_longer_than_a_file_can_have_leaves_nothing(tmp_path, capsys):
    assert cli.main(["new", "a" * 101, "--path", str(tmp_path / "new")]) == 1
    assert "has 101 characters; 100 are possible" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert cli.main(["new", "a" * 100, "--path", str(tmp_path / "new")]) == 0


def test_what_is_interrupted_changes_nothing(models, tmp_path, monkeypatch):
    files = emit.render([models.load("leaf x { type uint8; }")])
    publish.write(tmp_path / "out", files)
    before = content(tmp_path / "out")
    aside, calls = writing._aside, []

    def interrupted(path, text):
        calls.append(path)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return aside(path, text)

    monkeypatch.setattr(writing, "_aside", interrupted)
    changed = {name: f"{text}\n" for name, text in files.items()}
    with pytest.raises(KeyboardInterrupt):
        publish.write(tmp_path / "out", changed | {"more/x.py": f"# {emit.MARK}\n"})
    assert content(tmp_path / "out") == before
    assert not (tmp_path / "out" / "more").exists()


def test_a_folder_in_the_place_of_a_file(models, tmp_path):
    files = emit.render([models.load("")])
    (tmp_path / "out" / "demo" / "nodes.py").mkdir(parents=True)
    with pytest.raises(GeneratorError, match=r"demo/nodes.py: cannot be written: Is a directory"):
        publish.write(tmp_path / "out", files)
    assert content(tmp_path / "out") == {}


def test_a_file_in_the_place_of_a_folder(models, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    models.write("")
    code = cli.main(["build", "--yang", str(models.folder), "--out", str(tmp_path / "out")])
    assert (code, (tmp_path / "out").read_text()) == (1, "mine")
    assert "out: error: cannot be written: " in capsys.readouterr().err


def test_what_a_killed_run_has_left_is_removed_by_the_next(models, built):
    left = built / "demo" / f"{writing.ASIDE}half"
    left.write_text("half")
    where = ("--yang", str(models.folder), "--out", str(built))
    assert cli.main(["build", *where]) == 0
    assert not left.exists()
    assert cli.main(["check", *where]) == 0


def test_builds_at_once_end_as_one_of_them(models, built):
    running = [build(models, built) for _ in range(4)]
    for one in running:
        _, complaint = one.communicate(timeout=60)
        assert (one.returncode, complaint) == (0, "")
    assert cli.main(["check", "--yang", str(models.folder), "--out", str(built)]) == 0


STARTED = """
import sys
from polycube_generator import cli
print("started", flush=True)
sys.exit(cli.main())
"""


def test_ctrl_c_at_any_time_leaves_the_old_or_the_new_tree(models, built):
    old = content(built)
    command = [sys.executable, "-c", STARTED, "build", "--json"]
    ends = set()
    for milliseconds in range(20, 520, 50):
        running = subprocess.Popen(
            [*command, "--yang", str(models.folder), "--out", str(built)],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.stdout.readline()
        time.sleep(milliseconds / 1000)
        running.send_signal(signal.SIGINT)
        _, complaint = running.communicate(timeout=60)
        # The last is where Python was at its end, and we no more.
        assert (running.returncode, complaint) in {(0, ""), (130, ""), (-signal.SIGINT, "")}
        ends.add(running.returncode)
        if running.returncode == 130 and content(built) == old:
            continue
        where = ["--yang", str(models.folder), "--out", str(built)]
        assert cli.main(["check", *where]) == 0
    assert 130 in ends


def test_ctrl_c_as_a_file_is_created_leaves_none_behind(models, built, monkeypatch):
    old, create = content(built), tempfile.mkstemp

    def interrupted(**given):
        found = create(**given)
        signal.raise_signal(signal.SIGINT)
        return found

    monkeypatch.setattr(tempfile, "mkstemp", interrupted)
    assert cli.main(["build", "--yang", str(models.folder), "--out", str(built)]) == 130
    assert content(built) == old


def test_of_those_who_begin_the_same_service_at_once_one_does(tmp_path):
    running = [
        subprocess.Popen(
            [*COMMAND, "new", "probe", "--path", str(tmp_path)],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    told = [one.communicate(timeout=60)[1] for one in running]
    assert sorted(one.returncode for one in running) == [0, 1, 1, 1]
    assert sum("is there already; new never overwrites" in complaint for complaint in told) == 3
