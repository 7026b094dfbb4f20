"""What the routes of a service do: the verbs of the dialect over the tree of a cube."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.defaults import say
from polycube_runtime.core.model.place import cube_path, resolve
from polycube_runtime.core.topology import document
from polycube_runtime.rest.bodies import answer, done, json_body
from polycube_runtime.rest.changes import (
    change,
    changed,
    check,
    cube_tag,
    cubes_tag,
    has_state,
    read,
    refuse_dry,
)
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
from polycube_runtime.support.schema import AnyData, Leaf, LeafList, List
from polycube_runtime.support.validate import Mode, key_text, validate, validate_entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.model.tree import Tree
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Service

Keys = tuple[str, ...]
_OBJECTS = frozenset([Shape.CUBE, Shape.CONTAINER, Shape.ENTRY])


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
    async def _change(
        self, cube: Cube, place: Place, request: Request
    ) -> AsyncIterator[tuple[Tree, Undo]]:
        """Enter a transaction on a cube, which may have gone while it was waited for."""
        async with change(self._polycube, request) as undo:
            self._polycube.require(cube)
            tree = self._polycube.tree(cube)
            check(request, cube_tag(cube) if tree.exists(place) else None, place.path)
            yield tree, undo

    async def get(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer GET with the data and its `_links`; with `?config`, with the configuration."""
        host = request.url.netloc.replace("localhost", "127.0.0.1")
        config = "config" in request.query_params
        if resource.shape is Shape.SERVICE:
            return await self._get_all(request, host, config=config)
        cube, place = self._find(resource, keys)
        tag = cube_tag(cube)
        value = await self._polycube.tree(cube).read(place, config=config)
        if config and resource.shape is Shape.CUBE:
            value = {"name": cube.name, **value}
        elif resource.shape is Shape.LIST and not config:
            value = [*value, ["_links", list_links(host, place, value)]]
        elif resource.shape in _OBJECTS and not config:
            value = {**value, "_links": object_links(host, place)}
        return read(request, value, tag, state=has_state(resource.node))

    async def _get_all(self, request: Request, host: str, *, config: bool) -> Response:
        cubes = [cube for cube in self._polycube.cubes.values() if cube.service is self._service]
        tag = cubes_tag(cubes)
        if config:
            values: list[Any] = [await document(self._polycube, cube) for cube in cubes]
        else:
            trees = [self._polycube.tree(cube) for cube in cubes]
            links = cube_links(host, self._service.name, (cube.name for cube in cubes))
            values = [await tree.read(tree.root) for tree in trees]
            values.append(["_links", links])
        return read(request, values, tag, state=True)

    async def create(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer POST: a cube, an entry, the entries of a list, or the members of a container."""
        body = await json_body(request, default={})
        if resource.shape in {Shape.SERVICE, Shape.CUBE}:
            return await self._create_cube(body, keys, request)
        cube, place = self._find_to_change(resource, keys)
        value = _checked(place, body, Mode.CREATE)
        async with self._change(cube, place, request) as (tree, undo):
            await tree.create(place, value, undo)
            say(undo, cube, place, body, value, whole=False)
        return changed(request, undo, 201, cube)

    async def _create_cube(self, body: Any, keys: Keys, request: Request) -> Response:
        if keys:
            body = _with_keys(body, {"name": keys[0]}, cube_path(self._service.name, keys[0]))
        name = body.get("name") if isinstance(body, dict) else None
        self._require_free(name, request)
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if name != "_links"}
        wanted = self._polycube.prepare(self._service.name, body)
        await self._polycube.warm(self._service.name, wanted)
        async with change(self._polycube, request) as undo:
            self._require_free(name, request)
            cube = await self._polycube.create(self._service.name, wanted, undo)
            say(undo, cube, self._polycube.tree(cube).root, body, wanted, whole=True)
        return changed(request, undo, 201, cube)

    def _require_free(self, name: object, request: Request) -> None:
        cube = self._polycube.cubes.get(name) if isinstance(name, str) else None
        path = cube_path(self._service.name, str(name))
        check(request, cube_tag(cube) if cube else None, path)
        if cube is not None:
            message = f"a cube named {name} exists already"
            raise DataExists(message, path)

    async def replace(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer PUT: make it exactly as the body says, touching only what differs."""
        body = await json_body(request, default={})
        if resource.shape is Shape.CUBE and keys[0] not in self._polycube.cubes:
            return await self._create_cube(body, keys, request)
        cube, place = self._find_to_change(resource, keys)
        tree, whole = self._polycube.tree(cube), body
        if isinstance(body, dict) and resource.shape is not Shape.LIST and tree.exists(place):
            whole = {**await _fixed(tree, place), **body}
        value = _checked(place, whole, Mode.CREATE)
        await self._polycube.pipelines.warm(cube, place, value)
        async with self._change(cube, place, request) as (tree, undo):
            await tree.replace(place, value, undo)
            say(undo, cube, place, body, value, whole=True)
        return changed(request, undo, 200 if resource.shape is Shape.CUBE else 201, cube)

    async def update(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer PATCH: change what the body names."""
        body = await json_body(request)
        shape = resource.shape
        if shape is Shape.SERVICE:
            resource = Resource("/{name}", Shape.CUBE, self._service)
            keys = (_named(body, self._service.name),)
        cube, place = self._find_to_change(resource, keys)
        value = _checked(place, body, Mode.UPDATE)
        await self._polycube.pipelines.warm(cube, place, value)
        async with self._change(cube, place, request) as (tree, undo):
            await tree.update(place, value, undo)
            say(undo, cube, place, body, value, whole=False)
        status = 200 if shape in {Shape.SERVICE, Shape.CUBE, Shape.LEAF} else 201
        return changed(request, undo, status, cube)

    async def delete(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer DELETE."""
        kept = self._polycube.unrestored.get(keys[0])
        if kept is not None and resource.shape is Shape.CUBE and kept.service == self._service.name:
            path = cube_path(kept.service, kept.name)
            refuse_dry(request, "deleting what could not be restored", path)
            await self._polycube.forget(kept)
            return done(200)
        cube, place = self._find_to_change(resource, keys)
        async with self._change(cube, place, request) as (tree, undo):
            if resource.shape is Shape.CUBE:
                await self._polycube.remove(cube, undo)
            else:
                await tree.delete(place, undo)
                say(undo, cube, place, None, None, whole=True)
        if resource.shape is Shape.CUBE:
            return changed(request, undo, 200)
        return changed(request, undo, 204, cube)

    async def call(self, resource: Resource, keys: Keys, request: Request) -> Response:
        """Answer POST on an action."""
        body = await json_body(request)
        cube, place = self._find_to_change(resource, keys)
        arguments = validate(resource.node, body, Mode.CREATE, place.path)
        refuse_dry(request, "what an action does", place.path)
        async with self._change(cube, place, request) as (tree, _):
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
    """Validate a body for `place`; the keys of the URL complete it, links that were read go."""
    node = place.node
    if isinstance(body, dict) and not isinstance(node, Leaf | LeafList | AnyData):
        body = {name: value for name, value in body.items() if name != "_links"}
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
