"""The document of a new cube, before anything is done with it."""

from __future__ import annotations

import platform
import re
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import cube_path
from polycube_runtime.core.shadow.spanning import check_span
from polycube_runtime.core.words import RESERVED
from polycube_runtime.support.errors import InvalidValue, OperationFailed
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from collections.abc import Container

    from polycube_runtime.support.schema import Service


def prepared(service: Service, document: object, services: Container[str]) -> dict[str, Any]:
    """Validate the document of a new cube; returns it canonical, with defaults.

    `services` are the names of all services, which no cube can have.

    Raises:
        PolycubeError: the document is not of the model, or the kernel too old for the service.

    """
    name = document.get("name") if isinstance(document, dict) else None
    path = cube_path(service.name, str(name or ""))
    canonical: dict[str, Any] = validate(service, document, Mode.CREATE, path)
    if canonical["name"] in RESERVED or canonical["name"] in services:
        message = f"'{name}' is a word of the interface; choose another name"
        raise InvalidValue(message, f"{path}/name")
    named = canonical.get("service-name", service.name)
    if named != service.name:
        message = f"'{named}' is not the service addressed; expected {service.name} or nothing"
        raise InvalidValue(message, f"{path}/service-name")
    canonical["service-name"] = service.name
    check_span(canonical, f"{path}/span")
    _require_kernel(service.min_kernel, service.name)
    return canonical


def _require_kernel(minimum: str, service: str) -> None:
    have = tuple(map(int, re.findall(r"\d+", platform.release())[:3]))
    need = tuple(map(int, re.findall(r"\d+", minimum)[:3]))
    if have < need:
        message = f"{service} needs Linux {minimum} or later; this is {platform.release()}"
        raise OperationFailed(message)
