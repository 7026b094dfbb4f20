"""The durable store: one SQLite file, in which an entry of a list is a row.

What `Journal.write` has taken survives the end of the process and of the power: it returns after
fsync. The file is the daemon's alone, as a lock beside it says. It may be read at any time:
`sqlite3 FILE ".backup COPY"` makes a consistent copy of it under way.

    meta        the number of the last transaction
    cube        the cubes: `id` is what the data plane calls them
    node        their configuration: a row for the cube itself (path "") and one for each entry of
                its lists, with leaves and containers as JSON; entries below have rows of their own.
                `seq` is the order of creation
    attachment  transparent cubes on netdevs, innermost first
    service     services loaded at run time, by where from; or unloaded (empty)
    layout      how the tables of cubes are laid out, by the kernel's number of each map
    explicit    leaves of cubes that clients have set to their defaults
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from polycube_runtime.core.durable.rows import (
    DropCube,
    DropExplicit,
    DropNode,
    KeepLayouts,
    PutCube,
    PutExplicit,
    PutLayout,
    PutNode,
    PutService,
    Stored,
    StoredCube,
    StoredNode,
    Write,
)
from polycube_runtime.support.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

APPLICATION = 0x70636E31
"""SQLite's application_id: "pcn1"."""
VERSION = 3
"""SQLite's user_version: that of the tables below."""

_LAYOUT = """
CREATE TABLE layout (
    cube INTEGER NOT NULL, map INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (cube, map)
) WITHOUT ROWID;
CREATE TABLE service (name TEXT PRIMARY KEY, uri TEXT NOT NULL) WITHOUT ROWID;
"""
_EXPLICIT = """
CREATE TABLE explicit (cube INTEGER, path TEXT, PRIMARY KEY (cube, path)) WITHOUT ROWID;
"""
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE cube (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, service TEXT NOT NULL, uuid TEXT NOT NULL,
    version INTEGER NOT NULL, seq INTEGER NOT NULL
);
CREATE TABLE node (
    cube INTEGER NOT NULL, path TEXT NOT NULL, seq INTEGER NOT NULL, json TEXT NOT NULL,
    number INTEGER, uuid TEXT, PRIMARY KEY (cube, path)
) WITHOUT ROWID;
CREATE TABLE attachment (
    netdev TEXT NOT NULL, position INTEGER NOT NULL, cube TEXT NOT NULL,
    PRIMARY KEY (netdev, position)
) WITHOUT ROWID;
INSERT INTO meta VALUES ('number', 0);
"""
MIGRATIONS: dict[int, str] = {1: _LAYOUT, 2: _EXPLICIT}
"""By version, the SQL that makes its tables those of the next one."""
_PUT_CUBE = (
    "INSERT INTO cube VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " name = excluded.name, service = excluded.service, uuid = excluded.uuid,"
    " version = excluded.version"
)
_PUT_NODE = (
    "INSERT INTO node VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (cube, path) DO UPDATE SET"
    " json = excluded.json, number = excluded.number, uuid = excluded.uuid"
)

_PLAIN: dict[type, str] = {
    PutService: "INSERT OR REPLACE INTO service VALUES (?, ?)",
    PutLayout: "INSERT OR REPLACE INTO layout VALUES (?, ?, ?)",
    PutExplicit: "INSERT OR IGNORE INTO explicit VALUES (?, ?)",
    DropExplicit: "DELETE FROM explicit WHERE cube = ? AND path = ?",
}
"""Writes whose members are the parameters of one statement."""


class Journal:
    """The file, open. Its methods block; one at a time may be called, from whatever thread."""

    def __init__(self, file: Path) -> None:
        """Open `file`, made if there is none, and keep every other daemon away from it.

        Raises:
            Unavailable: it is in use, cannot be read or written, is damaged, or is not ours; the
                message says what to do.

        """
        self.file = file
        self._lock = _lock(file)
        try:
            if not file.exists():
                _make(file)
            self._db = _open(file)
        except BaseException:
            os.close(self._lock)
            raise
        row = self._db.execute(
            "SELECT max(coalesce((SELECT max(seq) FROM node), 0),"
            " coalesce((SELECT max(seq) FROM cube), 0))"
        )
        self._seq: int = row.fetchone()[0]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        os.close(self._lock)

    # Writing

    def write(self, number: int, writes: Sequence[Write]) -> None:
        """Keep a transaction, whole and for good, or not at all.

        Raises:
            Unavailable: the disk does not take it; nothing of it was kept.

        """
        with self._refused():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for kind, group in groupby(writes, type):
                    self._write(kind, group)
                self._db.execute("UPDATE meta SET value = ? WHERE key = 'number'", (number,))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # an error may have ended it already
                    self._db.execute("ROLLBACK")
                raise

    def _write(self, kind: type[Write], group: Iterable[Any]) -> None:
        run = self._db.executemany
        if kind is PutNode:
            run(_PUT_NODE, (self._node(one) for one in group))
        elif kind is DropNode:
            gone = list(group)
            run("DELETE FROM node WHERE cube = ? AND path = ?", gone)
            below = [(cube, f"{path}/", f"{path}0") for cube, path in gone]  # 0 comes after /
            run("DELETE FROM node WHERE cube = ? AND path > ? AND path < ?", below)
        elif kind is PutCube:
            run(_PUT_CUBE, ((*one, self._next()) for one in group))
        elif kind is DropCube:
            gone = list(group)
            run("DELETE FROM node WHERE cube = ?", gone)
            run("DELETE FROM layout WHERE cube = ?", gone)
            run("DELETE FROM explicit WHERE cube = ?", gone)
            run("DELETE FROM cube WHERE id = ?", gone)
        elif kind in _PLAIN:
            run(_PLAIN[kind], group)
        elif kind is KeepLayouts:
            for cube, maps in group:
                known = self._db.execute("SELECT map FROM layout WHERE cube = ?", (cube,))
                gone = [(cube, one) for (one,) in known if one not in maps]
                run("DELETE FROM layout WHERE cube = ? AND map = ?", gone)
        else:
            for netdev, cubes in group:
                self._db.execute("DELETE FROM attachment WHERE netdev = ?", (netdev,))
                rows = [(netdev, position, cube) for position, cube in enumerate(cubes)]
                run("INSERT INTO attachment VALUES (?, ?, ?)", rows)

    def _node(self, one: PutNode) -> tuple[Any, ...]:
        text = msgspec.json.encode(one.value).decode()
        return one.cube, one.path, self._next(), text, one.number, one.uuid

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            message = (
                f"nothing was changed, because it could not be made durable in {self.file}: "
                f"{error}; see to the disk (df, dmesg), then try again"
            )
            raise Unavailable(message) from error

    # Reading

    def load(self) -> Stored:
        """Return everything that was kept.

        Raises:
            Unavailable: the file is damaged.

        """
        try:
            return self._load()
        except (sqlite3.Error, msgspec.DecodeError, TypeError) as error:
            raise Unavailable(_damaged(self.file, str(error))) from error

    def _load(self) -> Stored:
        query = self._db.execute
        nodes: dict[int, list[StoredNode]] = {}
        rows = query("SELECT cube, path, json, number, uuid FROM node ORDER BY seq")
        for cube, path, text, number, uuid in rows:
            value = msgspec.json.decode(text, type=dict[str, Any])
            nodes.setdefault(cube, []).append(StoredNode(path, value, number, uuid))
        layouts: dict[int, dict[int, str]] = {}
        for cube, number, text in query("SELECT cube, map, json FROM layout"):
            layouts.setdefault(cube, {})[number] = text
        explicit: dict[int, set[str]] = {}
        for cube, path in query("SELECT cube, path FROM explicit"):
            explicit.setdefault(cube, set()).add(path)
        cubes = query("SELECT id, name, service, uuid, version FROM cube ORDER BY seq")
        chains: dict[str, list[str]] = {}
        for netdev, cube in query("SELECT netdev, cube FROM attachment ORDER BY netdev, position"):
            chains.setdefault(netdev, []).append(cube)
        found = tuple(
            StoredCube(
                number,
                name,
                service,
                uuid,
                version,
                tuple(nodes.get(number, ())),
                layouts.get(number, {}),
                frozenset(explicit.get(number, ())),
            )
            for number, name, service, uuid, version in cubes
        )
        (last,) = query("SELECT value FROM meta WHERE key = 'number'").fetchone()
        services = dict(query("SELECT name, uri FROM service ORDER BY name").fetchall())
        return Stored(last, found, chains, services)


def _lock(file: Path) -> int:
    """Take the lock beside the file: SQLite's own would keep backups away too."""
    lock = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"the configuration cannot be kept in {file}: {error.strerror}; see --state-dir"
        raise Unavailable(message) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        message = f"{file} is in use by another polycubed; choose another --name or --state-dir"
        raise Unavailable(message) from error
    return handle


def _make(file: Path) -> None:
    """Make an empty store under another name first: an empty file is always a damaged one."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists():
        reason = f"it is missing, but its log {log} is there"
        raise Unavailable(_damaged(file, reason))
    new = file.with_name(f"{file.name}.new")
    try:
        for left in new.parent.glob(f"{new.name}*"):
            left.unlink()
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        database = sqlite3.connect(new, isolation_level=None)
        try:
            database.executescript(
                f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
                f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                f"BEGIN; {_TABLES} {_LAYOUT} {_EXPLICIT} COMMIT;"
            )
        finally:
            database.close()
        new.rename(file)
        folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, sqlite3.Error) as error:
        message = f"the configuration cannot be kept in {file}: {error}; see --state-dir"
        raise Unavailable(message) from error


def _open(file: Path) -> sqlite3.Connection:
    if file.stat().st_size == 0:
        raise Unavailable(_damaged(file, "it is empty"))
    try:
        database = sqlite3.connect(
            f"file:{quote(str(file))}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,  # the writer lock of `Polycube` sees to it
        )
    except sqlite3.Error as error:
        message = f"{file} cannot be opened: {error}"
        raise Unavailable(message) from error
    try:
        _check(file, database)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        _migrate(file, database)
    except sqlite3.DatabaseError as error:
        database.close()
        raise Unavailable(_damaged(file, str(error))) from error
    except BaseException:
        database.close()
        raise
    return database


def _check(file: Path, database: sqlite3.Connection) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION:
        message = f"{file} is not a store of polycubed; move it away, or see --state-dir"
        raise Unavailable(message)
    found = [row[0] for row in database.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise Unavailable(_damaged(file, "; ".join(found)))


def _migrate(file: Path, database: sqlite3.Connection) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        message = (
            f"{file} was written by a newer polycubed (format {version}; this one knows {VERSION});"
            " start that one, or restore a backup"
        )
        raise Unavailable(message)
    while version < VERSION:
        script = MIGRATIONS[version]
        version += 1
        try:
            database.executescript(f"BEGIN; {script}; PRAGMA user_version = {version}; COMMIT;")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
            raise


def _damaged(file: Path, reason: str) -> str:
    return (
        f"{file} is damaged: {reason}. Put a backup in its place, or save what can be saved: "
        f"sqlite3 {file} .recover | sqlite3 {file}.saved; to start without it, move {file} away"
    )
