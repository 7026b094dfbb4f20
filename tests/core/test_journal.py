"""The durable store, by itself: what it has taken is there whatever happens next."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polycube_runtime.core.durable import journal as module
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.rows import (
    DropCube,
    DropNode,
    PutChain,
    PutCube,
    PutNode,
    StoredCube,
    StoredNode,
)
from polycube_runtime.support.errors import Unavailable

BR1 = PutCube(1, "br1", "simplebridge", "u1", 1)


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "state" / "polycube.db"


@pytest.fixture
def journal(file):
    journal = Journal(file)
    yield journal
    journal.close()


def reopened(journal):
    file = journal.file
    journal.close()
    journal.__init__(file)
    return journal.load()


def test_a_new_store_is_empty_and_its_owners_alone(journal, file):
    assert journal.load() == (0, (), {}, {})
    assert {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()} == {
        "polycube.db": 0o600,
        "polycube.db-shm": 0o600,
        "polycube.db-wal": 0o600,
        "polycube.db.lock": 0o600,
    }
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_what_was_written_is_there_again_in_the_order_of_creation(journal):
    entries = [f"fdb/entry/{n}" for n in (9, 10, 1, 5)]
    nodes = [PutNode(1, path, {"n": path}) for path in entries]
    port = PutNode(1, "ports/p1", {"name": "p1", "peer": "veth1"}, 7, "u2")
    journal.write(1, [PutNode(1, "", {"type": "TC"}), port, *nodes, BR1])
    journal.write(2, [PutNode(1, entries[0], {"n": "new"}), PutCube(2, "a", "x", "u3", 4)])
    number, cubes, chains, _ = reopened(journal)
    assert (number, chains) == (2, {})
    assert cubes == (
        StoredCube(
            *BR1,
            (
                StoredNode("", {"type": "TC"}, None, None),
                StoredNode("ports/p1", {"name": "p1", "peer": "veth1"}, 7, "u2"),
                StoredNode(entries[0], {"n": "new"}, None, None),
                *(StoredNode(path, {"n": path}, None, None) for path in entries[1:]),
            ),
        ),
        StoredCube(2, "a", "x", "u3", 4, ()),
    )


def test_what_is_removed_and_made_again_goes_to_the_end(journal):
    journal.write(1, [BR1, *(PutNode(1, f"r/{n}", {}) for n in range(3))])
    journal.write(2, [DropNode(1, "r/0"), PutNode(1, "r/0", {})])
    assert [node.path for node in reopened(journal).cubes[0].nodes] == ["r/1", "r/2", "r/0"]


def test_an_entry_takes_what_is_in_it_along_and_no_other(journal):
    paths = ["c/a", "c/a/r/0", "c/a/r/1/x/2", "c/ab", "c/a%2Fb", "c/a0", "c/a.", "c/A", "c/A/r/0"]
    journal.write(1, [BR1, *(PutNode(1, path, {}) for path in paths), PutNode(2, "c/a", {})])
    journal.write(2, [DropNode(1, "c/a")])
    assert [node.path for node in reopened(journal).cubes[0].nodes] == paths[3:]


def test_a_cube_takes_everything_along_and_its_name_is_free(journal):
    journal.write(1, [BR1, PutNode(1, "ports/p1", {}), PutCube(2, "br2", "s", "u", 1)])
    journal.write(2, [DropCube(1), PutNode(3, "", {"new": 1}), PutCube(3, "br1", "s", "u4", 1)])
    number, cubes, *_ = reopened(journal)
    assert number == 2
    assert [(cube.id, cube.name, len(cube.nodes)) for cube in cubes] == [
        (2, "br2", 0),
        (3, "br1", 1),
    ]


def test_the_chain_of_a_netdev_keeps_its_order(journal):
    journal.write(1, [PutChain("veth1", ("c", "a", "b")), PutChain("veth2", ("d",))])
    journal.write(2, [PutChain("veth2", ()), PutChain("veth1", ("a", "c", "b"))])
    assert reopened(journal).chains == {"veth1": ["a", "c", "b"]}


def test_a_transaction_that_fails_leaves_nothing(journal):
    journal.write(1, [BR1])
    with pytest.raises(Unavailable, match=r"nothing was changed.*UNIQUE constraint failed"):
        journal.write(2, [PutNode(1, "", {"half": 1}), PutCube(2, "br1", "s", "u", 1)])
    assert reopened(journal) == (1, (StoredCube(*BR1, ()),), {}, {})


# One daemon, one file


def test_a_second_daemon_is_refused(journal, file):
    with pytest.raises(Unavailable, match=r"polycube\.db is in use by another polycubed"):
        Journal(file)
    journal.write(1, [BR1])


def test_a_backup_can_be_made_under_way(journal, tmp_path, file):
    journal.write(1, [BR1])
    with sqlite3.connect(file) as source, sqlite3.connect(tmp_path / "copy.db") as target:
        source.backup(target)
    journal.write(2, [DropCube(1)])
    source.close()
    target.close()
    other = Journal(tmp_path / "copy.db")
    assert [cube.name for cube in other.load().cubes] == ["br1"]
    other.close()


# Damage is told, and never an empty store


def _write_something(file):
    journal = Journal(file)
    journal.write(1, [BR1, *(PutNode(1, f"e/{n}", {"text": "x" * 100}) for n in range(1000))])
    journal.close()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: file.write_bytes(b""), "it is empty"),
        (lambda file: file.write_bytes(b"not a database" * 1000), "file is not a database"),
        (lambda file: os.truncate(file, 8192), "malformed|disk image"),
        (lambda file: _overwrite(file, 8192, b"\xff" * 8192), "malformed|btree|database"),
        (lambda file: (file.with_name("polycube.db-wal").touch(), file.unlink()), "is missing"),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(file, spoil, reason):
    _write_something(file)
    spoil(file)
    with pytest.raises(Unavailable, match=reason) as caught:
        Journal(file).load()
    assert f"{file} is damaged: " in str(caught.value)
    assert "Put a backup in its place" in str(caught.value)
    assert f"move {file} away" in str(caught.value)


def _overwrite(file, where, what):
    with file.open("r+b") as handle:
        handle.seek(where)
        handle.write(what)


def test_a_value_that_is_no_json_is_damage_too(file):
    _write_something(file)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE node SET json = '{' WHERE path = 'e/7'")
    database.close()
    journal = Journal(file)
    with pytest.raises(Unavailable, match="is damaged"):
        journal.load()
    journal.close()


def test_the_database_of_another_program_is_left_alone(file):
    file.parent.mkdir()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE theirs (x)")
    database.close()
    before = file.read_bytes()
    with pytest.raises(Unavailable, match="is not a store of polycubed"):
        Journal(file)
    assert file.read_bytes() == before


def test_a_store_of_a_newer_daemon_is_refused(file):
    _write_something(file)
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(Unavailable, match=r"written by a newer polycubed.*format 99"):
        Journal(file)


def test_a_store_of_an_older_daemon_is_brought_up_to_date(file, monkeypatch):
    _write_something(file)
    monkeypatch.setattr(module, "VERSION", module.VERSION + 1)
    script = "ALTER TABLE cube ADD COLUMN colour TEXT; UPDATE cube SET colour = 'red'"
    monkeypatch.setattr(module, "MIGRATIONS", {module.VERSION - 1: script})
    Journal(file).close()
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name, colour FROM cube").fetchall() == [("br1", "red")]
        assert database.execute("PRAGMA user_version").fetchone() == (module.VERSION,)
    database.close()


def test_a_migration_that_fails_leaves_the_old_store(file, monkeypatch):
    _write_something(file)
    with monkeypatch.context() as patch:
        patch.setattr(module, "VERSION", module.VERSION + 1)
        script = "UPDATE cube SET name = 'changed'; UPDATE nowhere SET x = 1"
        patch.setattr(module, "MIGRATIONS", {module.VERSION - 1: script})
        with pytest.raises(Unavailable, match="no such table: nowhere"):
            Journal(file)
    journal = Journal(file)
    assert journal.load().cubes[0].name == "br1"
    journal.close()


def test_an_interrupted_making_of_the_store_is_made_anew(file):
    file.parent.mkdir()
    file.with_name("polycube.db.new").write_bytes(b"half of it")
    journal = Journal(file)
    assert journal.load().cubes == ()
    journal.close()
    assert not file.with_name("polycube.db.new").exists()


@pytest.mark.parametrize("place", ["/proc/polycube/x.db", "/dev/null/x.db"])
def test_where_nothing_can_be_kept_is_said(place):
    with pytest.raises(Unavailable, match=r"cannot be kept in .*; see --state-dir"):
        Journal(Path(place))


# The disk says no


def test_a_full_disk_refuses_the_change_and_the_next_one_may_go_well(journal):
    journal.write(1, [BR1])
    big = [PutNode(1, f"e/{n}", {"text": "x" * 1000}) for n in range(2000)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(Unavailable, match="nothing was changed, because it could not be made"):
            journal.write(2, big)
        journal.write(2, [PutNode(1, "small", {})])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    number, cubes, *_ = reopened(journal)
    assert (number, [node.path for node in cubes[0].nodes]) == (2, ["small"])
    journal.write(3, big)
    assert len(reopened(journal).cubes[0].nodes) == 2001


# The process ends at any instant

WRITER = """
import sys
from pathlib import Path
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.rows import DropNode, PutCube, PutNode

journal = Journal(Path(sys.argv[1]))
number = journal.load().number
print("ready", number, flush=True)
while True:
    number += 1
    writes = [PutNode(1, f"e/{n}", {"n": number}) for n in range(number % 7 + 1)]
    writes += [DropNode(1, f"e/{n}") for n in range(number % 7 + 1, 7)]
    journal.write(number, [*writes, PutCube(1, "br1", "s", "u", number)])
    print(number, flush=True)
"""


def expected(number: int) -> list:
    return [(f"e/{n}", {"n": number}) for n in range(number % 7 + 1)]


def test_killed_at_any_instant_the_store_is_what_was_acknowledged_or_the_one_in_flight(file):
    """200 times: kill -9 at a random instant of a stream of transactions."""
    chance = random.Random(6)  # noqa: S311 (no secret)
    last, beyond = 0, 0
    for _ in range(200):
        with subprocess.Popen(
            [sys.executable, "-S", "-c", WRITER, str(file)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        ) as writer:
            assert writer.stdout.readline() == f"ready {last}\n"
            time.sleep(chance.random() * 0.03)
            writer.kill()
            said = [
                int(line) for line in writer.stdout.read().splitlines(keepends=True) if "\n" in line
            ]
        acknowledged = said[-1] if said else last
        journal = Journal(file)
        stored = journal.load()
        journal.close()
        assert stored.number in (acknowledged, acknowledged + 1)
        beyond += stored.number > acknowledged
        if stored.number:
            (cube,) = stored.cubes
            assert cube.version == stored.number
            nodes = [(node.path, node.value) for node in cube.nodes]
            assert sorted(nodes) == expected(stored.number)
        last = stored.number
    assert last > 200, "it hardly wrote anything"


def test_a_log_torn_at_any_byte_ends_at_a_transaction(file):
    """What a power cut may leave: the last writes of the log in part."""
    journal = Journal(file)
    journal.write(1, [PutCube(1, "br1", "s", "u", 1), PutNode(1, "n", {"n": 1})])
    log = file.with_name("polycube.db-wal")
    safe = log.stat().st_size
    journal.write(2, [PutNode(1, "n", {"n": 2}), PutNode(1, "m", {"n": 2, "x": "y" * 9000})])
    whole, base = log.read_bytes(), file.read_bytes()
    journal.close()
    chance = random.Random(7)  # noqa: S311 (no secret)
    cuts = [*(chance.randrange(safe, len(whole)) for _ in range(40)), safe, len(whole)]
    for cut in cuts:
        file.write_bytes(base)
        log.write_bytes(whole[:cut])
        file.with_name("polycube.db-shm").unlink(missing_ok=True)
        again = Journal(file)
        number, (cube,), *_ = again.load()
        assert number == (2 if cut == len(whole) else 1)
        assert [node.value["n"] for node in cube.nodes] == [number] * number
        again.close()
        log.unlink(missing_ok=True)
