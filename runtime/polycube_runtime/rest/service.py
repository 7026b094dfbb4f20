"""What the routes of a service do: the verbs of the dialect over the tree of a cube."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.place import resolve
from polycube_runtime.rest.bodies import answer, done, json_body
from polycube_runtime.rest.help import resource_help
from polycube_runtime.rest.links import cube_links, list_links, object_links
from polycube_runtime.support.errors import (
    BadElement,
    DataExists,
    DataMissing,
    InvalidValue,
    MissingElement,
    NotFound,
)
from polycube_runtime.support.routes import Resource, Shape
from polycube_runtime.support.schema import Leaf, LeafList, List
from polycube_runtime.support.validate import Mode, key_text, validate, validate_entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.place import Place
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.tree import Tree
    from polycube_runtime.core.undo import Undo
    from polycube_runtime.support.schema import Service

Keys = tuple[str, ...]


class CubesOfService:
    """The REST face of one service; see `support.routes.ServiceApi`."""

    def __init__(self, polycube: Polycube, service: Service) -> None:
        """Serve the cubes of `service`."""
        self._polycube = polycube
        self._service = service

    def _find(self, resource: Resource, keys: Keys) -> tuple[Cube, Place]:
        cube = self._polycube.cube(keys[0], self._service.name)
        return cube, resolve(self._service, resource.path, keys)

    def _find_to_change(self, resource: Resource, keys: Keys) -> tuple[Cube, Place]:
        """As `_find`; where nothing is, a change is a conflict (409) and not a question (404)."""
        try:
            return self._find(resource, keys)
        except NotFound as error:
            raise DataMissing(error.message, error.path) from error

    @contextlib.asynccontextmanager
    async def _change(self, cube: Cube) -> AsyncIterator[tuple[Tree, Undo]]:
        """Enter a transaction on a cube, which may have gone while it was waited for."""
        async with self._polycube.change() as undo:
            self._polycube.require(cube)
            yield self._polycube.tree(cube), undo

    async def get(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer GET with the data and its `_links`."""
        host = request.url.netloc.replace("localhost", "127.0.0.1")
        if resource.shape is Shape.SERVICE:
            return await self._get_all(host)
        cube, place = self._find(resource, keys)
        value = await self._polycube.tree(cube).read(place)
        if resource.shape is Shape.LIST:
            value = [*value, ["_links", list_links(host, place, value)]]
        elif resource.shape in {Shape.CUBE, Shape.CONTAINER, Shape.ENTRY}:
            value = {**value, "_links": object_links(host, place)}
        return answer(value)

    async def _get_all(self, host: str) -> Response:
        cubes = [cube for cube in self._polycube.cubes.values() if cube.service is self._service]
        trees = [self._polycube.tree(cube) for cube in cubes]
        values: list[Any] = [await tree.read(tree.root) for tree in trees]
        links = cube_links(host, self._service.name, (cube.name for cube in cubes))
        return answer([*values, ["_links", links]])

    async def create(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer POST: a cube, an entry, the entries of a list, or the members of a container."""
        body = await json_body(request, default={})
        if resource.shape in {Shape.SERVICE, Shape.CUBE}:
            await self._create_cube(body, keys)
            return done(201)
        cube, place = self._find_to_change(resource, keys)
        value = _checked(place, body, Mode.CREATE)
        async with self._change(cube) as (tree, undo):
            await tree.create(place, value, undo)
        return done(201)

    async def _create_cube(self, body: Any, keys: Keys) -> None:
        if keys:
            body = _with_keys(body, {"name": keys[0]}, f"/{self._service.name}/{keys[0]}")
        name = body.get("name") if isinstance(body, dict) else None
        if name in self._polycube.cubes:
            message = f"a cube named {name} exists already"
            raise DataExists(message, f"/{self._service.name}/{name}")
        document = self._polycube.prepare(self._service.name, body)
        await self._polycube.warm(self._service.name, document)
        async with self._polycube.change() as undo:
            await self._polycube.create(self._service.name, document, undo)

    async def replace(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer PUT: make it exactly as the body says, touching only what differs."""
        body = await json_body(request, default={})
        if resource.shape is Shape.CUBE and keys[0] not in self._polycube.cubes:
            await self._create_cube(body, keys)
            return done(201)
        cube, place = self._find_to_change(resource, keys)
        async with self._change(cube) as (tree, undo):
            if isinstance(body, dict) and resource.shape is not Shape.LIST and tree.exists(place):
                body = {**await _fixed(tree, place), **body}
            await tree.replace(place, _checked(place, body, Mode.CREATE), undo)
        return done(200 if resource.shape is Shape.CUBE else 201)

    async def update(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer PATCH: change what the body names."""
        body = await json_body(request)
        shape = resource.shape
        if shape is Shape.SERVICE:
            resource = Resource("/{name}", Shape.CUBE, self._service)
            keys = (_named(body, self._service.name),)
        cube, place = self._find_to_change(resource, keys)
        value = _checked(place, body, Mode.UPDATE)
        async with self._change(cube) as (tree, undo):
            await tree.update(place, value, undo)
        return done(200 if shape in {Shape.SERVICE, Shape.CUBE, Shape.LEAF} else 201)

    async def delete(self, resource: Resource, keys: Keys, request: Request) -> Response:  # noqa: ARG002
        """Answer DELETE."""
        cube, place = self._find_to_change(resource, keys)
        if resource.shape is Shape.CUBE:
            await self._polycube.delete(cube)
            return done(200)
        async with self._change(cube) as (tree, undo):
            await tree.delete(place, undo)
        return done(204)

    async def call(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer POST on an action."""
        body = await json_body(request)
        cube, place = self._find_to_change(resource, keys)
        arguments = validate(resource.node, body, Mode.CREATE, place.path)
        async with self._change(cube) as (tree, _):
            output = await tree.call(place, arguments)
        return done(204) if output is None else answer(output, 201)

    async def help(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer OPTIONS."""
        place = resolve(self._service, resource.path, keys)
        query = request.query_params
        found = await resource_help(
            self._polycube,
            place,
            resource.shape,
            query.get("help", ""),
            completion="completion" in query,
        )
        return answer(found)


def _checked(place: Place, body: Any, mode: Mode) -> Any:
    """Validate a body for `place`; the keys of the URL complete it."""
    node = place.node
    if place.is_entry and isinstance(node, List):
        key = place.steps[-1][1] or ()
        body = _with_keys(body, dict(zip(node.keys, key, strict=True)), place.path)
        return validate_entry(node, body, mode, place.path)
    if not place.steps:
        body = _with_keys(body, {"name": place.cube}, place.path)
        checked = validate(node, body, mode, place.path)
        return {name: value for name, value in checked.items() if name != "name"}
    if isinstance(node, Leaf) and body is None:
        message = f"a value is missing; expected {node.type.expected}"
        raise InvalidValue(message, place.path)
    return validate(node, {} if body is None else body, mode, place.path)


def _with_keys(body: Any, keys: dict[str, Any], path: str) -> dict[str, Any]:
    if body is None:
        body = {}
    if not isinstance(body, dict):
        message = f"a JSON {type(body).__name__} cannot be this; expected an object"
        raise BadElement(message, path)
    for name, value in keys.items():
        if name in body and key_text(body[name]).lower() != key_text(value).lower():
            message = f"'{body[name]}' is not the key in the URL, '{value}'"
            raise InvalidValue(message, f"{path}/{name}")
    return {**body, **keys}


def _named(body: Any, service: str) -> str:
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str):
        message = "the body must say which cube: it has no 'name'"
        raise MissingElement(message, f"/{service}/name")
    return name


async def _fixed(tree: Tree, place: Place) -> dict[str, Any]:
    """Return what was settled when an object was created: left out of a PUT, it stays as it is."""
    found = {}
    for child in getattr(place.node, "children", ()):
        if isinstance(child, Leaf | LeafList) and child.init_only:
            with contextlib.suppress(NotFound):
                found[child.name] = await tree.read(place.child(child))
    return found
