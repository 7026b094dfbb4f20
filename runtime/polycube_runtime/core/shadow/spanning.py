"""What a cube needs that copies all it gets into its namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_span(document: Mapping[str, Any], path: str) -> None:
    """Refuse `span` of a cube that is no shadow, or that is not at TC."""
    if not document.get("span"):
        return
    if not document.get("shadow"):
        message = (
            "span copies packets into the cube's namespace, and it has none: it needs shadow=true,"
            " which is set when the cube is created"
        )
        raise InvalidValue(message, path)
    if document["type"] != "TC":
        message = (
            f"span needs a cube of type TC; this one is {document['type']}, and XDP cannot copy"
        )
        raise InvalidValue(message, path)
