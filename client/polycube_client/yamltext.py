"""YAML in and out. Import this module where a document needs it: PyYAML costs 17 ms."""

import json
import re

import yaml

from polycube_client.errors import UsageError
from polycube_client.jsontypes import Json
from polycube_client.values import INTEGER

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""In C where PyYAML has it: 10,000 entries take a second less."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader, in C where PyYAML has it, that types plain scalars as ``key=value`` is typed.

    PyYAML speaks YAML 1.1, where the MAC address ``10:20:30:40:50:50`` is a number in base 60,
    ``no`` is false and ``010`` is 8. A document and a command line must not mean different things
    by the same text.
    """

    # PyYAML's own attribute, emptied of the rules of 1.1.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", INTEGER, list("-0123456789")),
    # Beyond DECIMAL: how `dump` writes numbers, so that what was shown can be read again. A text of
    # this form is quoted there.
    ("float", rf"{INTEGER}\.[0-9]+(?:e[-+][0-9]+)?", list("-0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def load(text: str, source: str = "standard input") -> Json:
    """Parse a YAML document; raise `UsageError` where it is none, or has no form in JSON."""
    try:
        document: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - derived from a safe loader
        json.dumps(document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        msg = f"{source} is neither JSON nor YAML: {place}{error.problem}"
        raise UsageError(msg) from None
    except (TypeError, ValueError, RecursionError, yaml.YAMLError) as error:
        msg = f"{source} holds something that JSON cannot: {error}"
        raise UsageError(msg) from None
    return document


def dump(value: Json) -> str:
    """Return ``value`` as YAML, members in the daemon's order, without a final newline."""
    text: str = yaml.dump(
        value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, default_flow_style=False
    )
    return text.removesuffix("...\n").rstrip(
        "\n"
    )  # the end mark that PyYAML sets after a bare scalar
