# Generated from shop.yang by polycube-gen; DO NOT EDIT.
"""The constraints of shop, as functions."""

from __future__ import annotations

from polycube_runtime.support.xpath import Node, Tree, bit_is_set, number, rows, texts, within


def must_city(_tree: Tree, _this: object, *up: Node) -> bool:
    """../street."""
    return up[0].get("street") is not None


def must_price(_tree: Tree, this: object, *up: Node) -> bool:
    """. <= ../../limit."""
    return number(this) <= number(up[1].get("limit"))


def when_fee(_tree: Tree, _this: object, *up: Node) -> bool:
    """bit-is-set(../flags, 'heavy')."""
    return bit_is_set(up[0].get("flags"), "heavy")


def texts_of_see_also(above: Node) -> set[str]:
    """The values that are compared to."""
    return texts(e1.get("number") for e1 in rows(above, "article"))


def ref_see_also(tree: Tree, this: object, *up: Node) -> bool:
    """../../article/number."""
    return within(this, tree.once(texts_of_see_also, up[1]))


def when_days(_tree: Tree, this: Node, *_up: Node) -> bool:
    """derived-from-or-self(payment, 'shop:transfer')."""
    return this.get("payment") == "shop:transfer"


def texts_of_best(root: Node) -> set[str]:
    """The values that are compared to."""
    return texts(e1.get("number") for e1 in rows(root, "shop", "article"))


def ref_best(tree: Tree, this: object, *_up: Node) -> bool:
    """/shop/article/number."""
    return within(this, tree.once(texts_of_best, tree.root))


def texts_of_customer(above: Node) -> set[str]:
    """The values that are compared to."""
    return texts(e1.get("name") for e1 in rows(above, "customer"))


def ref_customer(tree: Tree, this: object, *up: Node) -> bool:
    """../../customer/name."""
    return within(this, tree.once(texts_of_customer, up[1]))
