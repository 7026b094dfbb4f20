"""The command ``polycube-gen``: 0 is success, 1 a problem in what was given, 2 misuse.

``diff`` is as diff(1): 1 says that something breaks, 2 that it could not be found out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import commands
from polycube_generator.options import INTERRUPTED, PROBLEM, add_models
from polycube_generator.problems import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; without one, build."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given or ["build"])
    trouble = int(options.trouble)
    try:
        return int(options.run(options))
    except GeneratorError as failure:
        commands.tell(failure, options)
    except BrokenPipeError:
        # Who reads us has had enough. Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as failure:
        print(f"{failure.filename or 'polycube-gen'}: {failure.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return trouble


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
    for command in (build, check):
        command.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages")
        command.add_argument("--json", action="store_true", help="print JSON, for programs")
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
    _add_new(add("new", commands.new, "start a service: model, C, Python, test"))
    _add_diff(add("diff", commands.diff, "what a new version of models breaks for clients"))
    return parser


def _add_new(new: argparse.ArgumentParser) -> None:
    new.add_argument("name", metavar="NAME")
    new.add_argument("--transparent", action="store_true", help="without ports, in a port's path")
    new.add_argument("--from", dest="model", type=Path, metavar="FILE", help="a YANG model to use")
    new.add_argument("--path", type=Path, metavar="DIR", help="repository to put it in")


def _add_diff(diff: argparse.ArgumentParser) -> None:
    about = "a .yang file or a folder, or either in a revision of git: REV:path"
    diff.add_argument("old", metavar="OLD", help=about)
    diff.add_argument("new", metavar="NEW", help="the same")
    diff.add_argument("--json", action="store_true", help="print JSON")
    diff.set_defaults(trouble=2)


if __name__ == "__main__":
    sys.exit(main())
