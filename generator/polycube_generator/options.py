"""What the commands of ``polycube-gen`` have in common: options, folders, exit codes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from polycube_generator import resources

if TYPE_CHECKING:
    import argparse

    from polycube_generator import ir

OK, PROBLEM, MISUSE, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the models are, where the packages go, and the reference pages, if anywhere."""

    models: Path
    out: Path
    pages: Path | None = None


def add_models(command: argparse.ArgumentParser) -> None:
    """Add the options that say which models."""
    command.add_argument("--yang", type=Path, metavar="DIR", help="folder of the models")
    add_features(command)


def add_features(command: argparse.ArgumentParser) -> None:
    """Add the option that says which features are supported."""
    about = "features of a module that are supported; all without, none if nothing follows :"
    command.add_argument(
        "--features", action="append", default=[], metavar="MODULE:[NAME,NAME]", help=about
    )


def features(options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the features chosen, by module."""
    chosen: dict[str, list[str]] = {}
    for text in options.features:
        module, colon, names = text.partition(":")
        if not colon:
            stop(f"--features {text}: write MODULE:NAME,NAME")
        chosen.setdefault(module, []).extend(name for name in names.split(",") if name)
    return chosen


def folders(options: argparse.Namespace) -> Folders:
    """Return the folders that were named, or those of the checkout; end if there are none."""
    checkout = resources.checkout()
    if options.out:
        return Folders(options.yang or resources.models(), options.out)
    if checkout is None or options.yang:
        stop("--out DIR says where it goes")
    packages = checkout / "generated" / "polycube_generated"
    return Folders(resources.models(), packages, checkout / "docs" / "services")


def models(options: argparse.Namespace, *names: str) -> list[ir.Service | ir.Module]:
    """Return the models that the options ask for."""
    from polycube_generator import schema  # noqa: PLC0415  (--help stays fast)

    folder = options.yang or resources.models()
    return schema.load(folder, names, features(options))


def stop(message: str) -> NoReturn:
    """Say what is wrong with a command line, and end the program."""
    print(f"polycube-gen: {message}", file=sys.stderr)  # noqa: T201
    raise SystemExit(MISUSE)
