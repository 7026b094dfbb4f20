"""What the daemon was told: the file, over it the environment, over both the command line.

- `command_line`: the flags alone
- `Given`, `gather`: all three, merged and checked
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polycube_runtime.daemon import configfile, values
from polycube_runtime.daemon.errors import OptionError
from polycube_runtime.daemon.settings import OPTIONS, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from polycube_runtime.daemon.settings import Option

PREFIX = "POLYCUBED_"
_CONFIGFILE = "configfile"


@dataclass(frozen=True)
class Given:
    """The merged settings, and what else the command line asked for."""

    settings: Settings
    origins: Mapping[str, str]
    """Where the value of each option came from; "default" if from nowhere."""
    notes: tuple[str, ...]
    """What the operator should hear: overrides, variables that mean nothing."""
    configfile: Path | None
    teardown: str | None
    check: bool


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser; what was not given is not in its result."""
    made = argparse.ArgumentParser(
        prog="polycubed",
        description="In-kernel network functions, managed over REST.",
        argument_default=argparse.SUPPRESS,
        epilog=f"Each option is a parameter of the configuration file, too, and {PREFIX}OPTION in "
        "the environment. The command line goes before the environment, that before the file.",
    )
    above: dict[str, Any] = {}
    for option in OPTIONS:
        above[option.name.replace("-", "_")] = option.preset(above)
        _add(made, option, above)
    made.add_argument(
        "--configfile",
        type=_reader(values.path_or_none),
        metavar="FILE",
        help=f"configuration file, or none ({configfile.PLACE})",
    )
    made.add_argument(
        "--teardown",
        nargs="?",
        const="kernel",
        type=_reader(values.teardown),
        metavar="all",
        help="take everything of this instance out of the kernel, and end; "
        "all: delete its stored configuration, too",
    )
    made.add_argument(
        "--check-config", action="store_true", help="say what would hold, and from where; and end"
    )
    made.add_argument("-v", "--version", action="version", version=metadata.version("polycube-py"))
    return made


def _add(made: argparse.ArgumentParser, option: Option, above: Mapping[str, Any]) -> None:
    names = [f"--{name}" for name in (option.name, *option.aliases)]
    if option.short:
        names.insert(0, f"-{option.short}")
    preset = configfile.shown(above[option.name.replace("-", "_")])
    extra: dict[str, Any] = {"nargs": "?", "const": True} if option.is_switch else {}
    made.add_argument(
        *names,
        type=_reader(option.read),
        metavar="true|false" if option.is_switch else option.name.rpartition("-")[2].upper(),
        help=f"{option.help} ({preset})" if preset and not option.is_switch else option.help,
        **extra,
    )


def _reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def from_text(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return from_text


def command_line(argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Read the flags that were given; ends the process with 2 where they make no sense."""
    found = vars(parser().parse_args(argv))
    return {name.replace("_", "-"): value for name, value in found.items()}


def gather(
    argv: Sequence[str] | None, environ: Mapping[str, str], place: Path = configfile.PLACE
) -> Given:
    """Merge what file, environment and command line say; `place` is the file nobody named.

    Raises:
        OptionError: a line or variable is wrong, or options contradict each other.

    """
    flags = command_line(argv)
    variables, notes = environment(environ)
    default_file = place if place.is_file() else None
    file = flags.get(_CONFIGFILE, variables.get(_CONFIGFILE, default_file))
    in_file = configfile.read(file) if file is not None else {}
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for option in OPTIONS:
        sources = (
            ("command line", flags),
            (variable(option.name), variables),
            (str(file), in_file),
        )
        given = [(where, found[option.name]) for where, found in sources if option.name in found]
        field = option.name.replace("-", "_")
        origins[option.name], merged[field] = (
            given[0] if given else ("default", option.preset(merged))
        )
        notes += [_overridden(option, *given[0], *lower) for lower in given[1:]]
    settings = Settings(**merged)
    contradictions(settings)
    return Given(
        settings,
        origins,
        tuple(notes),
        file,
        flags.get("teardown"),
        flags.get("check-config", False),
    )


def _overridden(option: Option, where: str, value: Any, below: str, hidden: Any) -> str:
    shown, unseen = configfile.shown(value), configfile.shown(hidden)
    return f"{option.name}: {shown} of the {where} goes before {unseen} of {below}"


def options(argv: Sequence[str] | None = None) -> Settings:
    """Return the settings that a command line makes where there is nothing else."""
    return gather(argv, {}, Path("/nonexistent")).settings


def variable(name: str) -> str:
    """Return the environment variable of an option."""
    return PREFIX + name.upper().replace("-", "_")


def environment(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Return the options that variables set, and notes on those that look as if they would."""
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        variable(name): (option.name, option.read)
        for option in OPTIONS
        for name in (option.name, *option.aliases)
    }
    readers[variable(_CONFIGFILE)] = (_CONFIGFILE, values.path_or_none)
    found: dict[str, Any] = {}
    notes = []
    for name in sorted(environ):
        if name not in readers:
            if name.startswith(PREFIX):
                notes.append(f"{name} in the environment means nothing to polycubed")
            continue
        option, read = readers[name]
        try:
            found[option] = read(environ[name])
        except ValueError as error:
            message = f"{name}: {error}"
            raise OptionError(message) from error
    return found, notes


def contradictions(settings: Settings) -> None:
    """Refuse options that need or exclude each other, with the original's rules.

    Unlike there, a certificate without authorities or lists is fine: only the server shows one.
    """
    trusted, listed = settings.cacert, settings.cert_whitelist
    dumps = [
        one.name
        for one in OPTIONS
        if one.name in {"cubes-dump-file", "cubes-dump-clean-init"}
        and getattr(settings, one.name.replace("-", "_")) != one.default
    ]
    rules = [
        (settings.cert and not settings.key, "cert needs key"),
        (settings.key and not settings.cert, "key needs cert"),
        (trusted and not settings.cert, "cacert needs cert and key"),
        (listed and not settings.cert, "cert-whitelist needs cert and key"),
        (trusted and listed, "cacert and cert-whitelist exclude each other; leave one out"),
        (
            listed and settings.cert_blacklist,
            "cert-whitelist and cert-blacklist exclude each other; leave one out",
        ),
        (settings.cert_blacklist and not trusted, "cert-blacklist needs cacert"),
        (
            dumps and not settings.cubes_dump_enable,
            f"{' and '.join(dumps)} {'need' if len(dumps) > 1 else 'needs'} cubes-dump-enable",
        ),
        (
            settings.addr == values.NONE and settings.socket is None,
            "addr and socket are both none; nobody could reach the daemon",
        ),
    ]
    wrong = [message for broken, message in rules if broken]
    if wrong:
        raise OptionError("; ".join(wrong))
