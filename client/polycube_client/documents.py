"""Files that describe cubes: read, and brought into the one form that the daemon takes.

Whatever shows cubes can be read again. These forms are known, as YAML or JSON::

    {"cubes": […], "attachments": […]}     export, GET /topology?config
    [{"name": …, "service-name": …}, …]    the original's dump file, SERVICE show, topology
    {"helloworld": […], "nat": […]}        cubes show
    {"name": …, "service-name": …, …}      CUBE show
"""

from __future__ import annotations

import json
import sys

from polycube_client.errors import UsageError
from polycube_client.render import hide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_client.jsontypes import Json, JsonObject

_FORM = "expected what `polycubectl export` prints, a list of cubes, or one cube"
_MEMBERS = {"cubes", "attachments"}


def load(text: str, source: str) -> Json:
    """Parse JSON or YAML; raise `UsageError` naming ``source`` when it is neither."""
    try:
        document: Json = json.loads(text)
    except ValueError:
        from polycube_client import yamltext  # noqa: PLC0415 - imports PyYAML

        return yamltext.load(text, source)
    return document


def gather(files: Iterable[str]) -> JsonObject:
    """Read ``files`` (``-`` is standard input) into one ``{"cubes": …, "attachments": …}``.

    Raise `UsageError` when one cannot be read, makes no sense, or names a cube a second time.
    """
    cubes: dict[str, Json] = {}
    attachments: list[Json] = []
    for file in files:
        source = "standard input" if file == "-" else file
        document = hide(load(_read(file, source), source))
        for cube in cubes_of(document, source):
            name = str(cube.get("name", ""))
            if not name or name in cubes:
                problem = f"cube '{name}' is described twice" if name else "a cube has no name"
                msg = f"{source}: {problem}"
                raise UsageError(msg)
            cubes[name] = cube
        if isinstance(document, dict) and isinstance(more := document.get("attachments"), list):
            attachments += more
    return {"cubes": list(cubes.values()), "attachments": attachments}


def cubes_of(document: Json, source: str) -> list[JsonObject]:
    """Return the cubes in a document of any known form; raise `UsageError` for another one."""
    found: list[Json]
    listed = document.get("cubes", []) if isinstance(document, dict) else None
    if isinstance(document, list):
        found = document
    elif not isinstance(document, dict):
        found = [None]
    elif "service-name" in document:
        found = [document]
    elif document.keys() <= _MEMBERS and isinstance(listed, list):
        found = listed if document else [None]
    else:
        found = [cube for name, group in document.items() for cube in _of_service(name, group)]
    cubes = [cube for cube in found if isinstance(cube, dict)]
    if len(cubes) < len(found):
        msg = f"{source}: {_FORM}"
        raise UsageError(msg)
    return cubes


def _of_service(name: str, group: Json) -> list[Json]:
    if not isinstance(group, list):
        return [None]
    return [{"service-name": name, **cube} if isinstance(cube, dict) else None for cube in group]


def _read(file: str, source: str) -> str:
    try:
        if file == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig") if sys.stdin else ""
        with open(file, encoding="utf-8-sig") as opened:  # noqa: PTH123 - pathlib costs 6 ms
            return opened.read()
    except OSError as error:
        msg = f"cannot read {source}: {error.strerror or error}"
        raise UsageError(msg) from None
    except UnicodeDecodeError as error:
        msg = f"{source} is not UTF-8 text (byte {error.start})"
        raise UsageError(msg) from None
