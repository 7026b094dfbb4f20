"""A route of the daemon's own, with all that its OpenAPI document says of it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from polycube_runtime.rest.bodies import MEDIA_TYPE
from polycube_runtime.rest.links import PREFIX
from polycube_runtime.rest.schemas import CHANGES, ERRORS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import FastAPI

    from polycube_runtime.rest.schemas import Schema

Parameter = dict[str, Any]


def query(name: str, description: str, schema: Schema | None = None) -> Parameter:
    """Describe a parameter after the `?`; without a schema, one that stands alone."""
    return {
        "name": name,
        "in": "query",
        "description": description,
        "allowEmptyValue": True,
        "schema": schema or {"type": "string", "enum": [""]},
    }


def _header(name: str, description: str) -> Parameter:
    return {"name": name, "in": "header", "description": description, "schema": {"type": "string"}}


_DRY = query("dry-run", "Only say what would change")
_CONDITIONS = (
    _header("If-Match", "Only if the configuration still has one of these entity tags"),
    _header("If-None-Match", "Only if it has none of these entity tags; * if nothing is there"),
)
_CACHED = (_header("If-None-Match", "Entity tags of what the client has: 304 if that is it"),)


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one of the daemon's URLs, below /polycube/v1 unless `root`.

    `writes` says that it takes part in transactions: `?dry-run` and conditions work; `tagged`, that
    what it reads has an entity tag. Of `errors`, 400 is a body that is not as described.
    """

    method: str
    path: str
    face: Callable[..., Awaitable[Response]]
    answer: Schema | None = None
    body: Schema | None = None
    status: int = 200
    errors: tuple[int, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    writes: bool = False
    tagged: bool = False
    media_type: str = MEDIA_TYPE
    root: bool = False

    def add_to(self, app: FastAPI) -> None:
        """Make it a route of `app`."""
        # The service's name is not a part of what these say, so no two of their ids are alike.
        name = self.path.replace("/", "_").replace("{", "").replace("}", "")
        app.add_api_route(
            self.path if self.root else f"{PREFIX}{self.path}",
            self.face,
            methods=[self.method],
            operation_id=f"{self.method.lower()}{name}",
            status_code=self.status,
            response_class=Response,
            responses=self._responses(),
            openapi_extra=self._extra(),
        )

    def _responses(self) -> dict[int | str, dict[str, Any]]:
        found: dict[int | str, dict[str, Any]] = {self.status: {"description": "Done"}}
        if self.answer is not None:
            found[self.status] = _content("What there is", self.answer, self.media_type)
        if self.writes and self.status == 200 and self.answer is None:  # noqa: PLR2004
            # With a body or without: nothing can be said of it that holds for both.
            found[200] = {"description": "Done; of a dry run, what would change"}
        elif self.writes and self.status != 200:  # noqa: PLR2004
            found[200] = _content("A dry run: what would change", CHANGES, MEDIA_TYPE)
        if self.tagged:
            found[304] = {"description": HTTPStatus(304).phrase}
        own = {400} if self.body is not None else set()
        conditional = {412} if self.writes else set()
        for status in sorted({*self.errors, *own, *conditional}):
            found[status] = _content(HTTPStatus(status).phrase, ERRORS, MEDIA_TYPE)
        found["default"] = _content("What is wrong", ERRORS, MEDIA_TYPE)
        return found

    def _extra(self) -> dict[str, Any]:
        parameters = [*self.parameters, *(_CACHED if self.tagged else ())]
        if self.writes:
            parameters += [_DRY, *_CONDITIONS]
        found: dict[str, Any] = {"parameters": parameters} if parameters else {}
        if self.body is not None:
            content = {"application/json": {"schema": self.body}}
            found["requestBody"] = {"required": True, "content": content}
        return found


def _content(description: str, schema: Schema, media_type: str) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}
