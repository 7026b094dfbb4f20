"""The log: standard output and a rotating file, as the original's lines or as JSON."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from polycube_runtime.daemon.errors import StartError
from polycube_runtime.daemon.values import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.daemon.settings import Settings

_log = logging.getLogger("polycubed")

FILE_SIZE, FILE_COUNT = 5_000_000, 3
"""Bytes of a log file, and how many older ones are kept beside it, as in the original."""
QUIET = ("uvicorn", "pyroute2", "asyncio")
_CUBE = "polycube.cube."
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class LogFile(RotatingFileHandler):
    """A log file that can be opened anew after somebody moved it away."""

    def reopen(self) -> None:
        """Close the file; the next line opens what has its name by then."""
        self.acquire()
        try:
            if self.stream:
                self.stream.close()
                self.stream = None  # it is opened when it is written to
        finally:
            self.release()


class TextFormatter(logging.Formatter):
    """The original's lines: `[time] [polycubed] [level] …`, cubes with service and name."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; an exception follows on lines of its own."""
        when = datetime.fromtimestamp(record.created).astimezone()
        origin = "[polycubed]"
        if (cube := cube_of(record)) is not None:
            origin = f"[{cube[0]}] [{cube[1]}]"
        clock = f"{when:%Y-%m-%d %H:%M:%S}.{when.microsecond // 1000:03}"
        line = f"[{clock}] {origin} [{record.levelname.lower()}] {record.getMessage()}"
        return "\n".join((line, *self._below(record)))

    def _below(self, record: logging.LogRecord) -> Iterator[str]:
        if record.exc_info:
            yield self.formatException(record.exc_info)
        if record.stack_info:
            yield self.formatStack(record.stack_info)


class JsonFormatter(logging.Formatter):
    """An object on each line: time (RFC 3339), level, logger, message; service, cube, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; an exception is its member "exception"."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (cube := cube_of(record)) is not None:
            entry["service"], entry["cube"] = cube
        if fields := {k: v for k, v in vars(record).items() if k not in _STANDARD}:
            entry["fields"] = fields
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def cube_of(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return service class and name of the cube that a line is of, if it is of one."""
    if not record.name.startswith(_CUBE):
        return None
    service, _, cube = record.name.removeprefix(_CUBE).partition(".")
    return service, cube


class Logs:
    """Where log lines go to."""

    def __init__(self, settings: Settings, *, given: bool) -> None:
        """Begin to log; `given` says whether somebody asked for the log file by name.

        Raises:
            StartError: a log file that was asked for cannot be written.

        """
        logging.addLevelName(LEVELS["trace"], "TRACE")
        self._console = logging.StreamHandler(sys.stdout)
        self._nothing = logging.NullHandler()  # Python writes to stderr where there is no handler
        self._file: LogFile | None = None
        formatter = JsonFormatter() if settings.log_format == "json" else TextFormatter()
        self._console.setFormatter(formatter)
        root = logging.getLogger()
        root.setLevel(LEVELS[settings.loglevel])
        root.addHandler(self._console)
        if settings.logfile is not None:
            self._open(settings, formatter, given=given)

    def _open(self, settings: Settings, formatter: logging.Formatter, *, given: bool) -> None:
        assert settings.logfile is not None  # noqa: S101 (asked for only then)
        try:
            settings.logfile.parent.mkdir(parents=True, exist_ok=True)
            self._file = LogFile(
                settings.logfile, maxBytes=FILE_SIZE, backupCount=FILE_COUNT, encoding="utf-8"
            )
        except OSError as error:
            message = f"cannot log to {settings.logfile}: {error.strerror}; see --logfile"
            if given:
                self.close()
                raise StartError(message) from error
            _log.warning("%s", message)
            return
        self._file.setFormatter(formatter)
        logging.getLogger().addHandler(self._file)

    def reopen(self) -> None:
        """Open the log file anew, after it was moved away (logrotate)."""
        if self._file is not None:
            self._file.reopen()

    def leave_console(self) -> None:
        """Log to the file only: the terminal is somebody else's from now on."""
        logging.getLogger().removeHandler(self._console)
        logging.getLogger().addHandler(self._nothing)

    def close(self) -> None:
        """End the log."""
        for handler in (self._console, self._file, self._nothing):
            if handler is not None:
                logging.getLogger().removeHandler(handler)
                handler.close()


def quieten() -> None:
    """Keep libraries' chatter out of the log; after their import, where some set their own."""
    for talkative in QUIET:
        logging.getLogger(talkative).setLevel(logging.WARNING)
