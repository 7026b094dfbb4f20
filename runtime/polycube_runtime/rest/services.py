"""The routes of services: list, describe, load and unload them while the daemon runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import Request  # noqa: TC002 (FastAPI reads annotations)
from starlette.responses import Response  # noqa: TC002

from polycube_runtime.core.words import RESERVED
from polycube_runtime.rest import schemas
from polycube_runtime.rest.bodies import answer, done, json_body
from polycube_runtime.rest.changes import refuse_dry
from polycube_runtime.rest.datamodel import datamodel
from polycube_runtime.rest.operations import Operation
from polycube_runtime.support.errors import (
    DataExists,
    InvalidValue,
    MissingAttribute,
    OperationFailed,
)

if TYPE_CHECKING:
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Service


class ServiceFaces:
    """One method for each route."""

    def __init__(self, polycube: Polycube) -> None:
        """Serve the services of `polycube`."""
        self._polycube = polycube

    def operations(self) -> list[Operation]:
        """Return the routes."""
        listed = schemas.array(schemas.SERVICE)
        return [
            Operation("GET", "/services/", self.services, listed),
            Operation(
                "POST", "/services/", self.load, body=schemas.NEW_SERVICE, status=201, errors=(409,)
            ),
            Operation("GET", "/services/{name}/", self.service, schemas.SERVICE, errors=(404,)),
            Operation("DELETE", "/services/{name}/", self.unload, status=204, errors=(404, 409)),
        ]

    async def services(self) -> Response:
        """List the services that cubes can be made of."""
        found = sorted(self._polycube.services.items())
        return answer([_service(one.SERVICE) for _, one in found])

    async def service(self, name: str) -> Response:
        """Describe one service and its data model."""
        model = self._polycube.service(unquote(name)).SERVICE
        return answer({**_service(model), "datamodel": datamodel(model)})

    async def load(self, request: Request) -> Response:
        """Load a service: an installed package (`doorman`), or its folder (`/opt/doorman`)."""
        body = await json_body(request)
        given = {name: _text(body, name) for name in ("type", "uri", "name")}
        if given["type"] == "grpc":
            message = "GRPC support has not been compiled"
            raise OperationFailed(message, "/services/type")
        if given["type"] != "lib":
            message = f"'{given['type']}' is not a type of service; expected lib"
            raise InvalidValue(message, "/services/type")
        refuse_dry(request, "loading a service runs its code, which", "/services")
        async with self._polycube.change():
            self._require_free(given["name"])
            await self._polycube.services.load(given["name"], given["uri"])
            try:
                await self._polycube.commits.keep_service(given["name"], given["uri"])
            except BaseException:
                await self._polycube.services.unload(given["name"])
                raise
        return done(201)

    def _require_free(self, name: str) -> None:
        """Refuse a name that would hide something of the interface."""
        if name in RESERVED:
            message = f"'{name}' is a word of the interface"
            raise InvalidValue(message, "/services/name")
        if name in self._polycube.cubes:
            message = f"there is a cube named {name}, which the service would hide"
            raise DataExists(message, "/services/name")

    async def unload(self, name: str, request: Request) -> Response:
        """Unload a service, of which there may be no cubes."""
        refuse_dry(request, "unloading a service", "/services")
        async with self._polycube.change():
            service = self._polycube.service(unquote(name))
            cubes = self._polycube.cubes.values()
            used = [cube.name for cube in cubes if cube.service_class is service]
            if used:
                message = f"there are cubes of it, which must be deleted first: {', '.join(used)}"
                raise DataExists(message, f"/services/{name}")
            await self._polycube.commits.keep_service(unquote(name), "")
            await self._polycube.services.unload(unquote(name))
        return done(204)


def _text(body: Any, name: str) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if value is None:
        message = "is missing; expected type, uri and name"
        raise MissingAttribute(message, f"/services/{name}")
    if not isinstance(value, str) or not value or "\0" in value:
        message = f"{value!r} cannot be this; expected a text"
        raise InvalidValue(message, f"/services/{name}")
    return value


def _service(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "servicecontroller": service.name,
        "type": service.kind,
        "description": service.description,
        "version": service.version,
        "pyang_repo_id": "",
        "swagger_codegen_repo_id": "",
    }
