"""The command ``polycube-gen``: 0 is success, 1 a problem in what was given, 2 misuse."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import resources
from polycube_generator.problems import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Sequence

_OK, _PROBLEM, _MISUSE = 0, 1, 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; without one, build."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given or ["build"])
    try:
        return int(options.run(options))
    except GeneratorError as failure:
        print(failure, file=sys.stderr)
    except OSError as failure:
        print(f"{failure.filename}: {failure.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _PROBLEM


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="polycube-gen",
        description="Generate the Python, C and OpenAPI of services from their YANG models.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="write the generated code (default)")
    check = commands.add_parser("check", help="compare it with the models; 1 and a diff if stale")
    for command, run in ((build, _build), (check, _check)):
        command.add_argument("names", nargs="*", metavar="NAME", help="services; all without")
        _add_yang(command)
        command.add_argument("--out", type=Path, metavar="DIR", help="folder of the packages")
        command.set_defaults(run=run)
    new = commands.add_parser("new", help="start a service: model, C, Python, test")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--transparent", action="store_true", help="without ports, in a port's path")
    new.add_argument("--path", type=Path, metavar="DIR", help="repository to put it in")
    new.set_defaults(run=_new)
    tree = commands.add_parser("tree", help="show a service's model")
    tree.add_argument("name", metavar="NAME")
    _add_yang(tree)
    tree.set_defaults(run=_tree)
    return parser


def _add_yang(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yang", type=Path, metavar="DIR", help="folder of the models")


def _build(options: argparse.Namespace) -> int:
    from polycube_generator import emit, publish, schema  # noqa: PLC0415  (--help stays fast)

    models, out = _folders(options)
    files = emit.render(schema.load(models, options.names))
    changed = list(publish.write(out, files, whole=not options.names))
    for name in changed:
        print(f"wrote {out / name}" if name in files else f"removed {out / name}")
    if not changed:
        print(f"nothing changed: {len(files)} files are what the models say")
    return _OK


def _check(options: argparse.Namespace) -> int:
    from polycube_generator import emit, publish, schema  # noqa: PLC0415

    models, out = _folders(options)
    files = emit.render(schema.load(models, options.names))
    difference = publish.compare(out, files, whole=not options.names)
    if not difference:
        print(f"nothing would change: {len(files)} files are what the models say")
        return _OK
    sys.stdout.write(difference)
    print(f"\n{out} is out of date; mend it with: {_mend(options)}", file=sys.stderr)
    return _PROBLEM


def _mend(options: argparse.Namespace) -> str:
    """Return the command that makes the next check pass."""
    places = (("--yang", options.yang), ("--out", options.out))
    given = [f"{name} {folder}" for name, folder in places if folder]
    return " ".join(["polycube-gen build", *options.names, *given])


def _new(options: argparse.Namespace) -> int:
    from polycube_generator import scaffold  # noqa: PLC0415

    root = (options.path or resources.checkout() or Path.cwd()).resolve()
    plan = scaffold.plan(options.name, root, transparent=options.transparent)
    print("\n".join(scaffold.create(plan, root)))
    return _OK


def _tree(options: argparse.Namespace) -> int:
    from polycube_generator import schema, tree  # noqa: PLC0415

    models = options.yang or resources.models()
    for service in schema.load(models, [options.name]):
        sys.stdout.write(tree.text(service))
    return _OK


def _folders(options: argparse.Namespace) -> tuple[Path, Path]:
    """Return where the models are and where the code goes."""
    checkout = resources.checkout()
    if options.out:
        return options.yang or resources.models(), options.out
    if checkout is None or options.yang:
        print("polycube-gen: --out DIR says where the packages go", file=sys.stderr)
        raise SystemExit(_MISUSE)
    return resources.models(), checkout / "generated" / "polycube_generated"


if __name__ == "__main__":
    sys.exit(main())
