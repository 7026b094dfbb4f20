"""The process: one command line in, text and an exit code out."""

from __future__ import annotations

import os
import sys

from polycube_client import call, config
from polycube_client.console import note, result
from polycube_client.daemon import Daemon
from polycube_client.errors import ClientError, UsageError
from polycube_client.grammar import PICTURES, parse
from polycube_client.request import OWN_WORDS, is_alias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from polycube_client.config import Settings
    from polycube_client.grammar import Invocation

DISTRIBUTION = "polycube-py"
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and SIGINT, as shells have it."""
FILE_WORDS = ("apply", "diff")
_HELP = {"-h", "-help", "--help"}


def main() -> int:
    """Run ``polycubectl`` with the arguments of the process; return its exit code.

    0 done, 1 no daemon, 2 refused, 64 not understood; ``diff`` has its own. A user never sees a
    traceback, unless asked for by ``POLYCUBECTL_DEBUG``.
    """
    try:
        text, code = run(sys.argv[1:], os.environ)
        result(text)
    except ClientError as error:
        note(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: words instead of a traceback
        return _failed(error)
    return code


def run(words: Sequence[str], environment: Mapping[str, str]) -> tuple[str, int]:
    """Do what ``words`` say; return what to print, empty for a silent success, and an exit code.

    Raise `ClientError` for whatever is not done.
    """
    if words[:1] == ["--complete"]:
        from polycube_client import completion  # noqa: PLC0415

        return "\n".join(completion.complete(Daemon(config.load(environment)), words[1:])), 0
    if not words or not _HELP.isdisjoint(words):
        return _usage(words), 0
    if words[0] in {"-version", "--version"}:
        return _version(), 0
    line = parse(words)
    if line.wants_help and (text := _syntax(line)):
        return text, 0
    _check_flags(line)
    settings = config.load(environment)
    if is_alias(line, OWN_WORDS):
        return _own_word(line, Daemon(settings))
    return _daemons_word(line, Daemon(settings), settings), 0


def _own_word(line: Invocation, daemon: Daemon) -> tuple[str, int]:
    _show_progress(daemon)
    match line.path[0]:
        case "events":
            from polycube_client import watch  # noqa: PLC0415

            return watch.events(line, daemon)
        case "completion":
            from polycube_client import completion  # noqa: PLC0415

            return completion.script(line.path[1:]), 0
        case word:
            from polycube_client import deploy  # noqa: PLC0415

            does = {"apply": deploy.apply, "diff": deploy.diff, "export": deploy.export}
            return does[word](line, daemon)


def _daemons_word(line: Invocation, daemon: Daemon, settings: Settings) -> str:
    show: Callable[[], str] = lambda: call.carry_out(line, daemon, settings)  # noqa: E731
    if _is_picture(line):
        from polycube_client import topology  # noqa: PLC0415

        show = lambda: topology.picture(line, daemon)  # noqa: E731
    if "watch" in line.switches:
        from polycube_client import watch  # noqa: PLC0415

        watch.watch(line, daemon, show)
    _show_progress(daemon)
    return show()


def _show_progress(daemon: Daemon) -> None:
    from polycube_client import progress  # noqa: PLC0415 - not for TAB

    if progress.wanted():
        daemon.wait = progress.wait


def _is_picture(line: Invocation) -> bool:
    """Whether to draw the topology: as a flag says, or for a person who gave none."""
    if line.path != ["topology"] or line.wants_help or line.command not in {"", "show"}:
        return False
    if not line.view.chosen and sys.stdout is not None and sys.stdout.isatty():
        line.view.form = "tree"
    return line.view.form in PICTURES


def _check_flags(line: Invocation) -> None:
    """Raise `UsageError` for a flag that means nothing on this line."""
    word = line.path[0] if is_alias(line, OWN_WORDS) else ""
    if (line.files or "prune" in line.switches) and word not in FILE_WORDS:
        msg = "'-f' and '-prune' are for apply and diff: polycubectl apply -f FILE"
    elif line.view.form in PICTURES and not _is_picture(line):
        msg = f"'-{line.view.form}' draws the topology: polycubectl topology -{line.view.form}"
    elif "watch" in line.switches and (word or not call.shows(line)):
        msg = "'-watch' is for what only shows: polycubectl cubes show -watch"
    elif "dry-run" in line.switches and word not in {"", "apply"}:
        msg = f"'-dry-run' is not for '{word}', which changes nothing"
    else:
        return
    raise UsageError(msg)


def _usage(words: Sequence[str]) -> str:
    from polycube_client.usage import SYNTAX, USAGE  # noqa: PLC0415

    return SYNTAX.get(words[0], USAGE) if words else USAGE


def _syntax(line: Invocation) -> str:
    """Return the help of a word that no model describes, or nothing."""
    from polycube_client.usage import SYNTAX  # noqa: PLC0415

    return SYNTAX.get(line.path[0], "") if line.path and not line.command else ""


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - 30 ms

    try:
        return f"polycubectl {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        msg = f"the version is not known: {DISTRIBUTION} is not installed"
        raise UsageError(msg) from None


def _failed(error: Exception) -> int:
    if os.environ.get("POLYCUBECTL_DEBUG"):
        import traceback  # noqa: PLC0415

        traceback.print_exception(error)
    if isinstance(error, OSError):
        note(f"cannot write the result: {error.strerror or error}")
    else:
        note(f"internal error: {type(error).__name__}: {error}; POLYCUBECTL_DEBUG=true shows where")
    return ClientError.exit_code
