# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The constraints of values, as functions."""

from __future__ import annotations

from polycube_runtime.support.xpath import Node, Tree


def when_burst(_tree: Tree, _this: object, *up: Node) -> bool:
    """../enabled = 'true'."""
    return up[0].get("enabled") is True
