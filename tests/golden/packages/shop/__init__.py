# Generated from shop.yang by polycube-gen; DO NOT EDIT.
"""Generated code of module shop."""

from .nodes import MODEL

__all__ = ["MODEL"]
