"""The command ``polycube-gen``: 0 is success, 1 a problem in what was given, 2 misuse.

``diff`` is as diff(1): 1 says that something breaks, 2 that it could not be found out.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import commands, completion
from polycube_generator.options import INTERRUPTED, PROBLEM, add_features, add_models
from polycube_generator.problems import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; without one, build."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _prepare_to_print()
        if given[:1] == [completion.ASK]:
            return _complete(given[1:])
        return _run(_parser(), given or ["build"])
    except KeyboardInterrupt:
        return INTERRUPTED


def _complete(words: list[str]) -> int:
    print("\n".join(completion.candidates(_parser(), words)))
    return 0


def _run(parser: argparse.ArgumentParser, given: list[str]) -> int:
    trouble = PROBLEM
    try:
        options = parser.parse_args(given)
        trouble = int(options.trouble)
        try:
            code = int(options.run(options))
        except GeneratorError as failure:
            commands.tell(failure, options)
            code = trouble
        sys.stdout.flush()
    except BrokenPipeError:  # who reads us has had enough
        _print_no_more()
    except OSError as failure:
        _print_no_more()
        with suppress(OSError):  # there may be no room for that either
            print(f"{failure.filename or 'polycube-gen'}: {failure.strerror}", file=sys.stderr)
    else:
        return code
    return trouble


def _prepare_to_print() -> None:
    """See to it that all can be printed: JSON and YANG are in UTF-8, whatever the locale."""
    # Without standard output or error, as some start us, Python has None in their place.
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _print_no_more() -> None:
    """Leave what could not be printed: Python would try again at the end, and complain."""
    with suppress(OSError, ValueError):  # there may be no standard output at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="polycube-gen",
        description="Generate the Python, C, OpenAPI and reference of services from their YANG.",
    )
    parser.set_defaults(trouble=PROBLEM)
    added = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Run, about: str) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = added.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        return command

    build = add("build", commands.build, "write the generated code and its reference (default)")
    check = add("check", commands.check, "compare them with the models; 1 and a diff if stale")
    docs = add("docs", commands.docs, "write the reference pages of services")
    client = add("client", commands.client, "write typed Python clients of services")
    for command in (build, check, docs, client):
        command.add_argument("names", nargs="*", metavar="NAME", help="services; all without")
        add_models(command)
        _add_json(command)
    for command in (build, check):
        command.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages")
    docs.add_argument("--out", type=Path, metavar="DIR", help="folder of the pages")
    client.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="folder of the new package"
    )
    build.add_argument("--watch", action="store_true", help="again after every change, until ^C")
    for name, run, about in (
        ("tree", commands.tree, "show a service's model"),
        ("openapi", commands.openapi, "print a service's OpenAPI document"),
    ):
        command = add(name, run, about)
        command.add_argument("name", metavar="NAME")
        add_models(command)
    shells = add("completion", commands.completion, "print the script that makes TAB work")
    shells.add_argument("shell", metavar="|".join(completion.SCRIPTS), choices=completion.SCRIPTS)
    _add_new(add("new", commands.new, "start a service: model, C, Python, test"))
    _add_diff(add("diff", commands.diff, "what a new version of models breaks for clients"))
    return parser


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON, for programs")


def _add_new(new: argparse.ArgumentParser) -> None:
    new.add_argument("name", metavar="NAME")
    new.add_argument("--transparent", action="store_true", help="without ports, in a port's path")
    new.add_argument("--from", dest="model", type=Path, metavar="FILE", help="a YANG model to use")
    about = "folder of modules that it imports, beside its own; may be given more than once"
    new.add_argument(
        "--yang", dest="folders", action="append", default=[], type=Path, metavar="DIR", help=about
    )
    new.add_argument(
        "--path", type=Path, metavar="DIR", help="folder to put it in, if not the current one"
    )
    _add_json(new)


def _add_diff(diff: argparse.ArgumentParser) -> None:
    about = "a .yang file or a folder, or either in a revision of git: REV:path"
    diff.add_argument("old", metavar="OLD", help=about)
    diff.add_argument("new", metavar="NEW", help="the same")
    _add_json(diff)
    add_features(diff)
    diff.set_defaults(trouble=2)


if __name__ == "__main__":
    sys.exit(main())
