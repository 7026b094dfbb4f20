"""TAB: scripts that know nothing, and the words that they ask ``polycube-gen --complete`` for."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from polycube_generator import resources

ASK = "--complete"
"""The option by which the scripts ask; the words of the line follow, the last may be begun."""

SCRIPTS = {
    "bash": """\
_polycube_gen() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do  # compgen -W would run what is in $()
    [[ $word == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$word")
  done < <(polycube-gen --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _polycube_gen polycube-gen
""",
    "zsh": """\
#compdef polycube-gen
_polycube_gen() {
  local -a found
  found=(${(f)"$(polycube-gen --complete "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#found )); then compadd -- $found; else _files; fi
}
compdef _polycube_gen polycube-gen
""",
    "fish": """\
complete -c polycube-gen \\
  -a '(polycube-gen --complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
""",
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*").fullmatch
"""Names of modules (RFC 7950, section 6.2); a shell would run parts of other names of files."""
_OF_MODELS = {"build", "check", "client", "docs", "openapi", "tree"}


def candidates(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """Return what can stand in the place of the last word; none where that is a file."""
    *before, last = words or [""]
    commands = _commands(parser)
    if not before:
        return [*commands, *(["--help"] if last.startswith("-") else [])]
    command = commands.get(before[0])
    if command is None:
        return []
    options = {name: one for one in command._actions for name in one.option_strings}  # noqa: SLF001
    given = options.get(before[-1])
    if given is not None and given.nargs != 0:  # its value
        return []
    if last.startswith("-"):
        return [name for name in options if name.startswith("--")]
    if before[0] == "completion":
        return list(SCRIPTS)
    return _models(before) if before[0] in _OF_MODELS else []


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001
    return dict(found.choices)


def _models(words: list[str]) -> list[str]:
    """Return the names of the models in the folder that the line names, or in our own."""
    at = words.index("--yang") + 1 if "--yang" in words else 0
    folder = Path(words[at]) if 0 < at < len(words) else resources.models()
    stems = {path.stem.partition("@")[0] for path in folder.rglob("*.yang")}
    return sorted(name for name in stems if _NAME(name) and not name.startswith("polycube-"))
