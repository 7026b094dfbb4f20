"""The words of a command line.

``polycubectl [path…] [add|set|show|del] [path…] [key=value…] [-flags] [?]``

The command word may stand anywhere among the path words; without one the line is an action. Nothing
here knows the daemon or any service: the result is what was written, sorted.
"""

from __future__ import annotations

from polycube_client.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

COMMANDS = ("add", "set", "show", "del")
DEPTHS = {"brief": 1, "normal": 2, "verbose": 3}
FORMATS = ("json", "yaml")
FLAGS = (*(f"-{name}" for name in (*DEPTHS, *FORMATS)), "-hide=")
"""Every flag, as typed."""


class View:
    """How a reply is shown.

    ``form`` is ``text``, ``json`` or ``yaml``; ``depth`` (1 to 3) is how many levels of nested data
    ``text`` shows; ``hidden`` holds the dotted paths left out in every form.
    """

    __slots__ = ("depth", "form", "hidden")

    def __init__(
        self, form: str = "text", depth: int = 2, hidden: frozenset[str] = frozenset()
    ) -> None:
        self.form = form
        self.depth = depth
        self.hidden = hidden


class Invocation:
    """One command line, sorted.

    ``command`` is one of `COMMANDS` or empty (an action); ``path`` the words around it in order;
    ``parameters`` the ``key=value`` words, untyped; ``wants_help`` says that the line ended in
    ``?``.
    """

    __slots__ = ("command", "parameters", "path", "view", "wants_help")

    def __init__(self) -> None:
        self.command = ""
        self.path: list[str] = []
        self.parameters: list[tuple[str, str]] = []
        self.view = View()
        self.wants_help = False


def parse(words: Iterable[str]) -> Invocation:
    """Sort the argument words; raise `UsageError` naming the first that does not fit."""
    line = Invocation()
    for word in words:
        if line.wants_help:
            msg = f"'{word}' follows '?', which must be the last word"
            raise UsageError(msg)
        if word == "?":
            line.wants_help = True
        elif word.startswith("-"):
            _take_flag(line.view, word)
        elif "=" in word:
            _take_parameter(line, word)
        else:
            _take_word(line, word)
    return line


def _take_flag(view: View, word: str) -> None:
    """Apply ``-name`` or ``-name=value``; one dash or two, as in the original."""
    name, equals, value = word.lstrip("-").partition("=")
    if name == "hide" and equals:
        view.hidden |= frozenset(filter(None, value.split(",")))
    elif name in DEPTHS and not equals:
        view.form, view.depth = "text", DEPTHS[name]
    elif name in FORMATS and not equals:
        view.form = name
    else:
        msg = f"unknown flag '{word}'; the flags are {' '.join(FLAGS)}…"
        raise UsageError(msg)


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
