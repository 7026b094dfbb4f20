"""YANG Patch (RFC 8072): several edits in one request, all of them or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import msgspec
from starlette.responses import Response

from polycube_runtime.rest.changes import differences, is_dry
from polycube_runtime.rest.restconf.bodies import instance_at, only_member, read_body
from polycube_runtime.rest.restconf.ordering import Where, where_of
from polycube_runtime.rest.restconf.refusals import DATA, error_list, status_of
from polycube_runtime.support.errors import (
    DataMissing,
    InvalidValue,
    MalformedMessage,
    MissingElement,
    PolycubeError,
)
from polycube_runtime.support.validate import Mode

if TYPE_CHECKING:
    from starlette.requests import Request

    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.rest.restconf.conditions import Conditions
    from polycube_runtime.rest.restconf.methods import Methods
    from polycube_runtime.rest.restconf.target import Target, Ways
    from polycube_runtime.rest.restconf.writing import Writer

Object = dict[str, Any]

_MEMBER = "ietf-yang-patch:yang-patch"
_STATUS = "ietf-yang-patch:yang-patch-status"
_WITH_VALUE = frozenset(["create", "insert", "merge", "replace"])
_PLACED = frozenset(["insert", "move"])
_OPERATIONS = ("create", "delete", "insert", "merge", "move", "replace", "remove")
_KNOWN = frozenset(["edit-id", "operation", "target", "point", "where", "value"])


class Edit(NamedTuple):
    """One edit, as far as it can be read without the data."""

    name: str
    operation: str
    target: Target
    raw: Any = None
    where: Where | None = None


class _Failed(Exception):  # noqa: N818 (carries an error out of the transaction)
    """An error of one edit, or (of the name "") of all of them together."""

    def __init__(self, edit: str, error: PolycubeError) -> None:
        super().__init__(edit)
        self.edit, self.error = edit, error


class YangPatch:
    """Answers PATCH with a YANG patch."""

    def __init__(
        self, ways: Ways, methods: Methods, writer: Writer, conditions: Conditions
    ) -> None:
        """Edit by `writer` what `ways` finds."""
        self._ways = ways
        self._methods = methods
        self._writer = writer
        self._conditions = conditions

    async def answer(self, request: Request, base: Target) -> Response:
        """Apply the patch in the body to the resource `base`."""
        patch = _patch(await read_body(request))
        name = patch["patch-id"]
        try:
            edits = [self._edit(one, number, base) for number, one in enumerate(patch["edit"])]
            _require_different(edits)
            for edit in edits:
                await self._warm(edit)
            async with self._methods.change(request, base) as undo:
                await self._methods.require_there(base)
                undo.unsettled = {}  # the patch as a whole must leave valid data, not each edit
                for edit in edits:
                    await self._apply(edit, undo)
                await self._settle(edits, undo)
        except _Failed as failure:
            return self._refused(name, failure)
        if is_dry(request):
            answer = differences(undo)
            answer.headers["Content-Type"] = DATA
            return answer
        body = {_STATUS: {"patch-id": name, "ok": [None]}}
        headers = self._conditions.headers(base)
        return Response(msgspec.json.encode(body), headers=headers, media_type=DATA)

    def _refused(self, name: str, failure: _Failed) -> Response:
        errors = {"errors": error_list(failure.error, self._ways.identifier)}
        one = {"edit-id": failure.edit, **errors}
        status = {"edit-status": {"edit": [one]}} if failure.edit else errors
        body = {_STATUS: {"patch-id": name, **status}}
        return Response(msgspec.json.encode(body), status_of(failure.error), media_type=DATA)

    def _edit(self, given: Any, number: int, base: Target) -> Edit:
        where = f"edit {number + 1}"
        if not isinstance(given, dict):
            _malformed(f"{where} is not an object")
        name = _text(given, "edit-id", where)
        try:
            return self._read(given, name, base)
        except PolycubeError as error:
            raise _Failed(name, error) from error

    def _read(self, given: Object, name: str, base: Target) -> Edit:
        if unknown := sorted(given.keys() - _KNOWN):
            _malformed(f"an edit has no '{unknown[0]}'; expected {', '.join(sorted(_KNOWN))}")
        operation, path = _text(given, "operation"), _text(given, "target")
        if operation not in _OPERATIONS:
            message = f"'{operation}' is not an operation; expected {', '.join(_OPERATIONS)}"
            raise InvalidValue(message)
        target = self._ways.resolve(path.strip("/"), base)
        self._writer.check(target)
        if operation not in {"merge", "replace"}:
            self._writer.require_one(target)
        if (operation in _WITH_VALUE) != ("value" in given):
            needs = "needs a value" if operation in _WITH_VALUE else "takes no value"
            message = f"the operation {operation} {needs}"
            raise InvalidValue(message, target.path)
        raw = instance_at(target, given["value"]) if "value" in given else None
        return Edit(name, operation, target, raw, self._where(given, target, base))

    def _where(self, given: Object, target: Target, base: Target) -> Where | None:
        where, point = given.get("where"), given.get("point")
        if given["operation"] not in _PLACED:
            if where is not None or point is not None:
                message = "'where' and 'point' are for insert and move"
                raise InvalidValue(message, target.path)
            return None
        where = "last" if where is None else where
        if where not in {"first", "last", "before", "after"}:
            message = f"'{where}' is not a place; expected before, after, first or last"
            raise InvalidValue(message, target.path)
        if (where in {"before", "after"}) != isinstance(point, str):
            message = "'point' says where for before and after, and only for those"
            raise InvalidValue(message, target.path)
        return where_of(self._ways, where, point or "", target, base)

    async def _warm(self, edit: Edit) -> None:
        mode = Mode.UPDATE if edit.operation == "merge" else Mode.CREATE
        try:
            if edit.operation in _WITH_VALUE:
                await self._writer.warm(edit.target, edit.raw, mode)
            else:
                await self._writer.warm_default(edit.target)
        except PolycubeError as error:
            raise _Failed(edit.name, error) from error

    async def _apply(self, edit: Edit, undo: Undo) -> None:
        target, writer = edit.target, self._writer
        try:
            match edit.operation:
                case "create" | "insert":
                    await writer.create(target, edit.raw, undo, edit.where)
                case "replace":
                    await writer.replace(target, edit.raw, undo)
                case "merge":
                    await writer.merge(target, edit.raw, undo)
                case "move" if edit.where is not None:
                    await writer.move(target, undo, edit.where)
                case "delete":
                    await writer.delete(target, undo)
                case _:
                    await self._remove(target, undo)
        except PolycubeError as error:
            raise _Failed(edit.name, error) from error

    async def _settle(self, edits: list[Edit], undo: Undo) -> None:
        try:
            await self._writer.settle(undo)
        except PolycubeError as error:
            path = error.parts[0].path
            where = (one.name for one in reversed(edits) if _is_about(one.target, path))
            raise _Failed(next(where, ""), error) from error

    async def _remove(self, target: Target, undo: Undo) -> None:
        try:
            await self._writer.delete(target, undo)
        except DataMissing as error:
            if error.path != target.path and not target.path.startswith(error.path):
                raise


def _is_about(target: Target, path: str) -> bool:
    """Whether an error at a path of ours is at what an edit is about, or below it."""
    where = target.place.path if target.service else target.path
    return path == where or path.startswith(f"{where}/")


def _patch(body: Any) -> Object:
    name, patch = only_member(body, "")
    if name != _MEMBER or not isinstance(patch, dict):
        _malformed(f"the body is not an object with '{_MEMBER}'")
    _text(patch, "patch-id", "the patch")
    if unknown := sorted(patch.keys() - {"patch-id", "comment", "edit"}):
        _malformed(f"a patch has no '{unknown[0]}'; expected patch-id, comment, edit")
    edits = patch.get("edit", [])
    if not isinstance(edits, list):
        _malformed("the edits are not an array")
    return {**patch, "edit": edits}


def _text(given: Object, name: str, where: str = "the edit") -> str:
    """Return a text that must be there."""
    found = given.get(name)
    if found is None:
        message = f"{where} has no {name}"
        raise MissingElement(message)
    if not isinstance(found, str):
        message = f"the {name} of {where} is not a text"
        raise InvalidValue(message)
    return found


def _require_different(edits: list[Edit]) -> None:
    names: set[str] = set()
    for edit in edits:
        if edit.name in names:
            message = f"two edits have the edit-id '{edit.name}'"
            raise _Failed(edit.name, InvalidValue(message))
        names.add(edit.name)


def _malformed(message: str) -> NoReturn:
    raise MalformedMessage(message)
