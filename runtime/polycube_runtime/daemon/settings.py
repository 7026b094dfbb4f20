"""The daemon's options: each is one field, with its reader, its default and its words of help.

Names and defaults are the original's where it has the option. Flags, environment variables and
parameters of the file are made from these fields (`sources`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from polycube_runtime.daemon import values

Derived = Callable[[Mapping[str, Any]], Any]
"""A default that follows from the options above it."""


class Option(NamedTuple):
    """An option's name is its field's, with dashes; `aliases` are other spellings of it."""

    name: str
    read: Callable[[str], Any]
    default: Any
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def is_switch(self) -> bool:
        """Whether the flag alone means true."""
        return self.read is values.switch

    def preset(self, above: Mapping[str, Any]) -> Any:
        """Return the default, given the values of the options above."""
        return self.default(above) if callable(self.default) else self.default


def _option(
    read: Callable[[str], Any],
    default: Any,
    text: str,
    short: str = "",
    aliases: tuple[str, ...] = (),
) -> dict[str, Any]:
    return {"option": (read, default, text, short, aliases)}


def _logfile(above: Mapping[str, Any]) -> Path:
    own = "polycubed" if above["name"] == "polycube" else above["name"]
    return Path(f"/var/log/polycube/{own}.log")


def _pidfile(above: Mapping[str, Any]) -> Path:
    return Path(above["run_dir"], f"{above['name']}.pid")


def _socket(above: Mapping[str, Any]) -> Path:
    return Path(above["run_dir"], "polycube", f"{above['name']}.sock")


@dataclass(frozen=True)
class Settings:
    """What the daemon was told. A path that is None was switched off, or never given."""

    name: str = field(
        metadata=_option(
            values.name, "polycube", "name of this instance; several can run side by side"
        )
    )
    port: int = field(metadata=_option(values.port, 9000, "TCP port of the REST interface", "p"))
    addr: str = field(
        metadata=_option(
            values.address, "localhost", "address to listen on; none: only the Unix socket", "a"
        )
    )
    allowed_hosts: tuple[str, ...] = field(
        metadata=_option(
            values.hosts,
            (),
            "names that clients may call this host by, besides its own, separated by commas; "
            ".example.org: all below it; *: any",
        )
    )
    cert: Path | None = field(
        metadata=_option(
            values.path, None, "server's certificate (PEM): HTTPS in place of HTTP", "c"
        )
    )
    key: Path | None = field(
        metadata=_option(values.path, None, "key of the server's certificate (PEM)", "k")
    )
    cacert: Path | None = field(
        metadata=_option(
            values.path, None, "authorities (PEM) that must have signed a client's certificate"
        )
    )
    cert_whitelist: Path | None = field(
        metadata=_option(
            values.path,
            None,
            "folder of the only client certificates let in",
            aliases=("cert-white-list",),
        )
    )
    cert_blacklist: Path | None = field(
        metadata=_option(
            values.path,
            None,
            "folder of client certificates kept out",
            aliases=("cert-black-list",),
        )
    )
    loglevel: str = field(
        metadata=_option(values.level, "info", f"one of {', '.join(values.LEVELS)}", "l")
    )
    logfile: Path | None = field(
        metadata=_option(
            values.path_or_none, _logfile, "log to this file too (3 of 5 MB each, in turn), or none"
        )
    )
    log_format: str = field(
        metadata=_option(values.log_format, "text", "text, or json: an object on each line")
    )
    daemon: bool = field(
        metadata=_option(
            values.switch, default=False, text="go to the background once it is up", short="d"
        )
    )
    run_dir: Path = field(
        metadata=_option(values.path, Path("/run"), "folder of lock, pid file and socket")
    )
    pidfile: Path = field(metadata=_option(values.path, _pidfile, "file for the process id"))
    socket: Path | None = field(
        metadata=_option(values.path_or_none, _socket, "Unix socket of the REST interface, or none")
    )
    cache_dir: Path = field(
        metadata=_option(values.path, Path("/var/cache/polycube"), "folder of compiled programs")
    )
    state_dir: Path = field(
        metadata=_option(
            values.path, Path("/var/lib/polycube"), "folder of the stored configuration"
        )
    )
    volatile: bool = field(
        metadata=_option(
            values.switch, default=False, text="store nothing: start empty, forget at the end"
        )
    )
    cubes_dump_enable: bool = field(
        metadata=_option(
            values.switch,
            default=False,
            text="write all cubes to --cubes-dump-file, and start with those if none is stored",
        )
    )
    cubes_dump_file: Path = field(
        metadata=_option(
            values.path, Path("/etc/polycube/cubes.yaml"), "the original's file of all cubes"
        )
    )
    cubes_dump_clean_init: bool = field(
        metadata=_option(
            values.switch,
            default=False,
            text="forget what is in --cubes-dump-file and in the store, and start empty",
        )
    )


OPTIONS = tuple(
    Option(one.name.replace("_", "-"), *one.metadata["option"]) for one in fields(Settings)
)
"""All options, those that others' defaults follow from before them."""
