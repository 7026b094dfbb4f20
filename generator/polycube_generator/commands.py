# ruff: noqa: T201  (a command prints)
"""What each command of ``polycube-gen`` does; each returns its exit code.

They import what they need when they run: ``--help`` stays fast.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import resources
from polycube_generator.options import OK, PROBLEM, features, folders, models, stop
from polycube_generator.problems import GeneratorError, fail

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping

    from polycube_generator import ir
    from polycube_generator.difference import Finding
    from polycube_generator.emit import Files
    from polycube_generator.versions import Version

    Done = dict[str, list[str]]


def build(options: argparse.Namespace) -> int:
    """Write the generated packages, in a checkout the reference pages too."""
    if options.watch:
        return _watch(options)
    return _publish(options, _generated(options), whole=not options.names)


def check(options: argparse.Namespace) -> int:
    """Compare what ``build`` writes with what is there."""
    from polycube_generator import publish  # noqa: PLC0415

    stale: list[str] = []
    for folder, files in _generated(options):
        changed = publish.compare(folder, files, whole=not options.names)
        stale += [str(folder / name) for name in changed]
        if options.json:
            continue
        sys.stdout.writelines(changed.values())
        if changed:
            print(f"\n{folder} is out of date; mend it with: {_mend(options)}", file=sys.stderr)
        else:
            print(f"nothing would change: {len(files)} files in {folder} are what the models say")
    if options.json:
        _print_object({"problems": [], "stale": stale})
    return PROBLEM if stale else OK


def docs(options: argparse.Namespace) -> int:
    """Write the reference pages of services."""
    from polycube_generator import reference  # noqa: PLC0415

    out = options.out or folders(options).pages
    if out is None:
        stop("--out DIR says where the pages go")
    whole = not options.names
    pages = reference.render(_services(options), whole=whole)
    return _publish(options, [(out, pages)], whole=whole)


def client(options: argparse.Namespace) -> int:
    """Write a package of typed clients."""
    from polycube_generator import clients  # noqa: PLC0415

    files = clients.render(_services(options), options.out.resolve().name)
    return _publish(options, [(options.out, files)], whole=True)


def tree(options: argparse.Namespace) -> int:
    """Show a model."""
    from polycube_generator import tree as trees  # noqa: PLC0415

    for model in models(options, options.name):
        sys.stdout.write(trees.text(model))
    return OK


def openapi(options: argparse.Namespace) -> int:
    """Print the OpenAPI document of a service."""
    from polycube_generator import openapi as documents  # noqa: PLC0415

    options.names = [options.name]
    for service in _services(options):
        sys.stdout.write(documents.text(documents.document(service)))
    return OK


def _around() -> Path:
    """Return the checkout that the current folder is in, else that folder."""
    here, checkout = Path.cwd(), resources.checkout()
    return checkout if checkout and here.is_relative_to(checkout) else here


def new(options: argparse.Namespace) -> int:
    """Start a service."""
    from polycube_generator import scaffold  # noqa: PLC0415

    root = (options.path or _around()).resolve()
    if options.folders and not options.model:
        stop("--yang DIR has what --from FILE imports, which is not given")
    plan = scaffold.plan(
        options.name,
        root,
        transparent=options.transparent,
        model=options.model,
        folders=options.folders,
    )
    created = scaffold.create(plan, root)
    if options.json:
        files = [str(path) for path in (*created.written, *created.generated)]
        about = {"registered": created.project is not None, "entry-point": created.entry_point}
        _print_object({"problems": [], "written": files, "removed": []} | about)
        return OK
    for path in created.written:
        print(f"wrote {path}")
    for path in created.generated:
        print(f"generated {path}")
    if created.project:
        print(f"registered in {created.project}; install again for the daemon to see it")
    else:
        print(f"add to pyproject.toml, then install again:\n{created.entry_point}")
    return OK


def completion(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    from polycube_generator import completion as scripts  # noqa: PLC0415

    sys.stdout.write(scripts.SCRIPTS[options.shell])
    return OK


def diff(options: argparse.Namespace) -> int:
    """Tell what a new version of models means to clients of the old one."""
    from polycube_generator import difference, versions  # noqa: PLC0415

    chosen = features(options)
    old, now = versions.load(options.old, chosen), versions.load(options.new, chosen)
    found = difference.compare(old.models, now.models)
    if options.json:
        print(json.dumps([_object(one, old, now) for one in found], indent=2, ensure_ascii=False))
    else:
        for one in found:
            path = f" {one.path}" if one.path else ""
            place = now.shown(old.shown(one.place))
            print(f"{place}: {one.level}: {one.model}{path} {one.message}")
        if not found:
            print("nothing differs for clients")
    return PROBLEM if any(one.level == difference.BREAKING for one in found) else OK


def _services(options: argparse.Namespace) -> list[ir.Service]:
    """Return the services that are named; a model that is none is left out, or refused by name."""
    from polycube_generator import ir  # noqa: PLC0415

    found = models(options, *options.names)
    for model in found if options.names else ():
        if not isinstance(model, ir.Service):
            raise fail(model.source, "is no service (polycube-base:service-name), so has no URLs")
    return [model for model in found if isinstance(model, ir.Service)]


def tell(failure: GeneratorError, options: argparse.Namespace) -> None:
    """Show what is wrong: on standard error, or as the JSON that was asked for."""
    from polycube_generator import report  # noqa: PLC0415

    if getattr(options, "json", False) and options.run is not diff:
        _print_object({"problems": list(report.objects(failure))})
    else:
        shown = report.text(failure, colours=_is_coloured())
        print(shown, file=sys.stderr, flush=True)


def _is_coloured() -> bool:
    """Tell whether a person looks on who has nothing against it (https://no-color.org)."""
    return (
        sys.stderr.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "dumb") != "dumb"
    )


def _print_object(value: Mapping[str, object]) -> None:
    """Print one line: after ``--watch`` come more of them."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _object(one: Finding, old: Version, new_: Version) -> dict[str, object]:
    place = new_.shown(old.shown(one.place))
    about = {"level": one.level, "model": one.model, "path": one.path, "message": one.message}
    return about | {"file": place.file, "line": place.line}


def _generated(options: argparse.Namespace) -> Iterator[tuple[Path, Files]]:
    """Yield each folder that is generated, with the files that it must hold."""
    from polycube_generator import emit, publish, reference, schema  # noqa: PLC0415

    chosen = folders(options)
    found = schema.load(chosen.models, options.names, features(options))
    if chosen.pages:
        publish.strangers(chosen.out.parent, {chosen.out.name})
    yield chosen.out, emit.render(found)
    if chosen.pages:
        yield chosen.pages, reference.render(found, whole=not options.names)


def _publish(
    options: argparse.Namespace, folders_: Iterable[tuple[Path, Files]], *, whole: bool
) -> int:
    """Write the files of folders, and tell which were written and removed."""
    done: Done = {"problems": [], "written": [], "removed": []}
    for folder, files in folders_:
        _write(folder, files, whole=whole, done=done if options.json else None)
    if options.json:
        _print_object(done)
    return OK


def _write(folder: Path, files: Files, *, whole: bool, done: Done | None = None) -> None:
    """Write files, and print their names or note them in ``done``."""
    from polycube_generator import publish  # noqa: PLC0415

    changed = list(publish.write(folder, files, whole=whole))
    if done is not None:
        for name in changed:
            done["written" if name in files else "removed"].append(str(folder / name))
        return
    for name in changed:
        print(f"wrote {folder / name}" if name in files else f"removed {folder / name}")
    if not changed:
        print(f"nothing changed: {len(files)} files in {folder} are what the models say")


def _watch(options: argparse.Namespace) -> int:
    from polycube_generator import watch  # noqa: PLC0415

    options.watch = False
    watched = [folders(options).models, resources.templates()]

    def again() -> None:
        try:
            build(options)
        except GeneratorError as failure:
            tell(failure, options)
        except OSError as failure:  # the next change may come when that is mended
            tell(fail(str(failure.filename), str(failure.strerror)), options)
        if not options.json:
            print("watching for changes; Ctrl-C ends", flush=True)

    watch.follow(watched, (".yang", ".j2"), again)
    return OK


def _mend(options: argparse.Namespace) -> str:
    """Return the command that makes the next check pass."""
    places = (("--yang", options.yang), ("--out", options.out))
    given = [f"{name} {folder}" for name, folder in places if folder]
    given += [f"--features {text}" for text in options.features]
    return " ".join(["polycube-gen build", *options.names, *given])
