"""Patterns: regular expressions that take time linear in the text, whatever they are.

The engine is Rust's regex, which pydantic brings along; Python's own can take exponential time,
and a model's pattern meets whatever text a request has.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydantic_core import SchemaValidator, core_schema

if TYPE_CHECKING:
    from collections.abc import Callable


@cache
def matcher(pattern: str) -> Callable[[object], bool]:
    """Return a function that tells whether ``pattern`` matches the whole of a text."""
    schema = core_schema.str_schema(pattern=f"^(?:{pattern})$", strict=True)
    return SchemaValidator(schema).isinstance_python
