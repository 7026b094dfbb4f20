"""The words of a command line.

``polycubectl [path…] [add|set|show|del] [path…] [key=value…] [-flags] [?]``

The command word may stand anywhere among the path words; without one the line is an action. Nothing
here knows the daemon or any service: the result is what was written, sorted.
"""

from __future__ import annotations

from polycube_client.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMMANDS = ("add", "set", "show", "del")
DEPTHS = {"brief": 1, "normal": 2, "verbose": 3}
FORMATS = ("json", "yaml")
PICTURES = ("tree", "dot", "mermaid")
"""Forms that only the topology has."""
SWITCHES = ("watch", "dry-run", "prune")
FLAGS = (*(f"-{name}" for name in (*DEPTHS, *FORMATS, *PICTURES, *SWITCHES)), "-f", "-hide=")
"""Every flag, as typed."""


class View:
    """How a reply is shown.

    ``form`` is ``text``, one of `FORMATS` or one of `PICTURES`; ``depth`` (1 to 3) is how many
    levels of nested data ``text`` shows; ``hidden`` holds the dotted paths left out in every form;
    ``chosen`` says that a flag named the form.
    """

    __slots__ = ("chosen", "depth", "form", "hidden")

    def __init__(
        self, form: str = "text", depth: int = 2, hidden: frozenset[str] = frozenset()
    ) -> None:
        self.form = form
        self.depth = depth
        self.hidden = hidden
        self.chosen = False


class Invocation:
    """One command line, sorted.

    ``command`` is one of `COMMANDS` or empty (an action); ``path`` the words around it in order;
    ``parameters`` the ``key=value`` words, untyped; ``wants_help`` says that the line ended in
    ``?``; ``files`` are those of ``-f``; ``switches`` those of `SWITCHES` that were given;
    ``interval`` is the seconds of ``-watch=SECONDS``, 0 for ``-watch`` alone.
    """

    __slots__ = (
        "command",
        "files",
        "interval",
        "parameters",
        "path",
        "switches",
        "view",
        "wants_help",
    )

    def __init__(self) -> None:
        self.command = ""
        self.path: list[str] = []
        self.parameters: list[tuple[str, str]] = []
        self.view = View()
        self.files: list[str] = []
        self.switches: set[str] = set()
        self.interval = 0.0
        self.wants_help = False


def parse(words: Iterable[str]) -> Invocation:
    """Sort the argument words; raise `UsageError` naming the first that does not fit."""
    line = Invocation()
    rest = iter(words)
    for word in rest:
        if line.wants_help:
            msg = f"'{word}' follows '?', which must be the last word"
            raise UsageError(msg)
        if word == "?":
            line.wants_help = True
        elif word.startswith("-"):
            _take_flag(line, word, rest)
        elif "=" in word:
            _take_parameter(line, word)
        else:
            _take_word(line, word)
    return line


def _take_flag(line: Invocation, word: str, rest: Iterator[str]) -> None:
    """Apply ``-name`` or ``-name=value``; one dash or two, as in the original."""
    name, equals, value = word.lstrip("-").partition("=")
    view = line.view
    if name == "hide" and equals:
        view.hidden |= frozenset(filter(None, value.split(",")))
    elif name == "f":
        line.files.append(value if equals else next(rest, ""))
    elif name == "watch" and equals:
        line.switches.add(name)
        line.interval = _seconds(value)
    elif equals:
        raise _unknown(word)
    elif name in DEPTHS:
        view.form, view.depth, view.chosen = "text", DEPTHS[name], True
    elif name in FORMATS or name in PICTURES:
        view.form, view.chosen = name, True
    elif name in SWITCHES:
        line.switches.add(name)
    else:
        raise _unknown(word)


def _unknown(word: str) -> UsageError:
    return UsageError(f"unknown flag '{word}'; the flags are {' '.join(FLAGS)}…")


def _seconds(text: str) -> float:
    whole, _, part = text.partition(".")
    number = float(text) if (whole + part).isdecimal() and text.isascii() else 0.0
    if number <= 0:
        msg = f"'-watch={text}': expected seconds above 0, as in -watch=2"
        raise UsageError(msg)
    return number


def _take_parameter(line: Invocation, word: str) -> None:
    # Cut at the first `=`: the original refuses a second one, which bars filters and encoded texts.
    key, _, text = word.partition("=")
    if not key:
        msg = f"'{word}': a parameter is written key=value"
        raise UsageError(msg)
    line.parameters.append((key, text))


def _take_word(line: Invocation, word: str) -> None:
    if not word:
        # Most likely an unset shell variable: `br1 ports del "$port"` must not delete every port.
        msg = "an empty word in the path; is a shell variable unset?"
        raise UsageError(msg)
    if word in COMMANDS and line.command:
        msg = f"'{line.command}' and '{word}' on one line; only one command is possible"
        raise UsageError(msg)
    if line.parameters:
        key = line.parameters[-1][0]
        msg = f"'{word}' follows '{key}=…'; path words and commands come before parameters"
        raise UsageError(msg)
    if word in COMMANDS:
        line.command = word
    else:
        line.path.append(word)
