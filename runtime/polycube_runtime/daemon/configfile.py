"""The configuration file: `parameter: value` lines, long names of options, # comments.

The original's format, and the original's place: /etc/polycube/polycubed.conf.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polycube_runtime.daemon.errors import OptionError
from polycube_runtime.daemon.settings import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.daemon.settings import Option

PLACE = Path("/etc/polycube/polycubed.conf")
_BY_NAME = {name: option for option in OPTIONS for name in (option.name, *option.aliases)}
_COMMENT = re.compile(r"(^|\s)#.*")
_WIDTH = 88


def read(file: Path) -> dict[str, Any]:
    """Return the values in `file` by option; `OptionError` names the line that is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {file}: {getattr(error, 'strerror', None) or error}"
        raise OptionError(message) from error
    found: dict[str, Any] = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = _COMMENT.sub("", line).strip()
        if content and content != "---":
            option, value = _parameter(content, f"{file}:{number}")
            if option.name in found:
                message = f"{file}:{number}: {option.name} is set twice; keep one of the lines"
                raise OptionError(message)
            found[option.name] = value
    return found


def _parameter(content: str, place: str) -> tuple[Option, Any]:
    name, colon, text = (part.strip() for part in content.partition(":"))
    if not colon:
        message = f"{place}: '{content}' is not a parameter; expected 'parameter: value'"
        raise OptionError(message)
    option = _BY_NAME.get(name)
    if option is None:
        message = f"{place}: there is no parameter '{name}'; {_advice(name)}"
        raise OptionError(message)
    try:
        return option, option.read(_unquoted(text))
    except ValueError as error:
        message = f"{place}: {name}: {error}"
        raise OptionError(message) from error


def _unquoted(text: str) -> str:
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if quoted else text


def _advice(name: str) -> str:
    near = difflib.get_close_matches(name.lstrip("-"), _BY_NAME, 1)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"there are {', '.join(option.name for option in OPTIONS)}"


def template() -> str:
    """Return a file that sets nothing and names everything, with the defaults."""
    above: dict[str, Any] = {}
    lines = [
        "# Configuration of polycubed: 'parameter: value' lines, # starts a comment.",
        "# The environment (POLYCUBED_PORT ...) goes before it, the command line before both.",
        "# Below are all parameters, with what holds while they are commented out.",
    ]
    for option in OPTIONS:
        above[option.name.replace("-", "_")] = preset = option.preset(above)
        lines += ["", *_wrapped(option.help), f"#{option.name}: {shown(preset)}".rstrip()]
    return "\n".join(lines) + "\n"


def shown(value: Any) -> str:
    """Write a value as the file has it; empty for what has none."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def _wrapped(text: str) -> Iterable[str]:
    import textwrap  # noqa: PLC0415 (once in a machine's life)

    return textwrap.wrap(
        text[0].upper() + text[1:] + ".", _WIDTH, initial_indent="# ", subsequent_indent="# "
    )


def write_template(file: Path) -> bool:
    """Write the template where no file is; False where that may not be done."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(template())
    except OSError:  # there already, not writable: it only helps, nothing depends on it
        return False
    return True
