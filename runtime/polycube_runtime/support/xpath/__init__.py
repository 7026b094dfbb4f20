"""What generated constraints are made of: the conversions and functions of XPath 1.0 and YANG.

* ``tree``: a document with its indexes, and the nodes in it
* ``texts``: text, and comparisons of it
* ``numbers``: numbers, which are those of IEEE 754

A value is that of the canonical JSON document; None stands for a node that is not there. Sets of
nodes are iterables of such values.
"""

from __future__ import annotations

from itertools import chain

from polycube_runtime.support.xpath.numbers import (
    NAN,
    ceiling,
    divided,
    enum_value,
    floor,
    greatest,
    least,
    number,
    numbers,
    remainder,
    rounded,
    substring,
    total,
    truth,
    unequal,
)
from polycube_runtime.support.xpath.texts import (
    after,
    before,
    bit_is_set,
    derived,
    differs,
    matches,
    normalized,
    same,
    text,
    texts,
    translate,
    within,
)
from polycube_runtime.support.xpath.tree import (
    Node,
    Tree,
    at,
    content,
    count,
    distinct,
    first,
    implied,
    inside,
    nth,
    nth_last,
    one,
    rows,
    values,
)

__all__ = [
    "NAN",
    "Node",
    "Tree",
    "after",
    "at",
    "before",
    "bit_is_set",
    "ceiling",
    "chain",
    "content",
    "count",
    "derived",
    "differs",
    "distinct",
    "divided",
    "enum_value",
    "first",
    "floor",
    "greatest",
    "implied",
    "inside",
    "least",
    "matches",
    "normalized",
    "nth",
    "nth_last",
    "number",
    "numbers",
    "one",
    "remainder",
    "rounded",
    "rows",
    "same",
    "substring",
    "text",
    "texts",
    "total",
    "translate",
    "truth",
    "unequal",
    "values",
    "within",
]
