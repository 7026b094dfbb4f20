"""The OpenAPI documents of all services, and the daemon's own, by the schema of OpenAPI 3.1."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.testclient import TestClient

from polycube_runtime.rest.app import application
from tests.fakes import daemon

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        *(ROOT / "generated/polycube_generated").glob("*/openapi.json"),
        *(ROOT / "tests/golden/packages").glob("*/openapi.json"),
    ]
)
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def of_daemon() -> dict:
    with TestClient(application(daemon()), "http://localhost:9000") as client:
        return client.get("/openapi.json").json()


@pytest.fixture(
    scope="module", params=[*FILES, None], ids=lambda one: one.parent.name if one else "daemon"
)
def document(request) -> dict:
    return json.loads(request.param.read_text("utf-8")) if request.param else of_daemon()


def walk(value: object, path: str = "#") -> Iterator[tuple[str, dict]]:
    """Yield every object, with where it is."""
    if isinstance(value, dict):
        yield path, value
        for name, item in value.items():
            yield from walk(item, f"{path}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}/{index}")


def operations(document: dict) -> Iterator[tuple[str, dict, dict]]:
    for path, item in document["paths"].items():
        for verb in METHODS:
            if verb in item:
                yield path, item, item[verb]


def resolved(document: dict, value: dict) -> dict:
    while "$ref" in value:
        found: dict = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def test_the_document_is_openapi(document):
    errors = [
        f"{one.instance_path}: {one.message}" for one in OPENAPI_31_VALIDATOR.iter_errors(document)
    ]
    assert errors == []
    assert document["openapi"].startswith("3.1")


def test_the_schema_of_openapi_refuses_what_is_none():
    broken = {"openapi": "3.1.0", "info": {"title": "x"}, "paths": {}}
    assert not OPENAPI_31_VALIDATOR.is_valid(broken)


def test_references_lead_somewhere(document):
    for path, one in walk(document):
        if isinstance(one.get("$ref"), str):
            assert one["$ref"].startswith("#/"), path
            assert resolved(document, one), path


def test_operations_have_names_of_their_own_and_all_their_parameters(document):
    names = [one["operationId"] for _, _, one in operations(document) if "operationId" in one]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[\w.-]+", name) for name in names)
    for path, item, operation in operations(document):
        given = [*item.get("parameters", []), *operation.get("parameters", [])]
        parameters = [resolved(document, one) for one in given]
        inside = [one["name"] for one in parameters if one["in"] == "path"]
        assert sorted(inside) == sorted(re.findall(r"\{([^}]+)\}", path)), path
        assert all(one["required"] for one in parameters if one["in"] == "path"), path
        assert len({(one["in"], one["name"]) for one in parameters}) == len(parameters), path
        assert operation["responses"], path


def schemas(document: dict) -> Iterator[tuple[str, dict]]:
    """Yield every schema that is not in another one."""
    yield from document.get("components", {}).get("schemas", {}).items()
    for path, one in walk(document):
        if isinstance(one.get("schema"), dict) and "/schemas/" not in path:
            yield path, one["schema"]


def test_schemas_are_schemas_and_their_defaults_and_examples_fit(document):
    components = {"components": document.get("components", {})}
    checked = 0
    for path, schema in schemas(document):
        jsonschema_rs.Draft202012Validator({**schema, **components})
        for where, inner in walk(schema):
            values = [inner[name] for name in ("default", "example", "const") if name in inner]
            examples = inner.get("examples")
            values += examples if isinstance(examples, list) else []
            if not values or not inner.keys() & {"type", "$ref", "enum", "anyOf", "oneOf"}:
                continue
            validator = jsonschema_rs.Draft202012Validator({**inner, **components})
            for value in values:
                assert validator.is_valid(value), (path, where, value)
                checked += 1
    assert checked or "components" not in document
