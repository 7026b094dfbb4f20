# Generated from shop.yang by polycube-gen; DO NOT EDIT.
"""Values of module shop as Python types."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class CustomerBest(StrEnum):
    """One of none."""

    NONE = "none"


class ShopAddress(Struct, kw_only=True, rename="kebab"):
    """address."""

    street: str | UnsetType = UNSET
    city: str | UnsetType = UNSET


class ShopArticle(Struct, kw_only=True, rename="kebab"):
    """article."""

    number: int
    name: str
    price: Decimal | UnsetType = UNSET
    flags: str | UnsetType = UNSET
    fee: Decimal | UnsetType = UNSET
    see_also: list[int] | UnsetType = UNSET
    photo: str | UnsetType = UNSET


class ShopCustomer(Struct, kw_only=True, rename="kebab"):
    """customer."""

    name: str
    mail: str | UnsetType = UNSET
    address: ShopAddress | UnsetType = UNSET
    payment: str | UnsetType = UNSET
    card_number: str | UnsetType = UNSET
    verified: list[None] | UnsetType = UNSET
    days: int | UnsetType = UNSET
    best: CustomerBest | int | UnsetType = UNSET


class LogLine(Struct, kw_only=True, rename="kebab"):
    """line."""

    text: str | UnsetType = UNSET


class ShopLog(Struct, kw_only=True, rename="kebab"):
    """log."""

    line: list[LogLine] | UnsetType = UNSET


class RemoveOutput(Struct, kw_only=True, rename="kebab"):
    """What remove returns."""

    left: int | UnsetType = UNSET


class ShopReview(Struct, kw_only=True, rename="kebab"):
    """review."""

    article: int
    customer: str


class ShopShop(Struct, kw_only=True, rename="kebab"):
    """All there is."""

    mail: str | UnsetType = UNSET
    address: ShopAddress | UnsetType = UNSET
    article: list[ShopArticle] | UnsetType = UNSET
    limit: Decimal = Decimal("1000.0")
    customer: list[ShopCustomer] | UnsetType = UNSET
    log: ShopLog | UnsetType = UNSET
    extra: object | UnsetType = UNSET
    about: str | UnsetType = UNSET
    review: list[ShopReview] | UnsetType = UNSET


class OrderInput(Struct, kw_only=True, rename="kebab"):
    """What order takes."""

    article: int


class ShopSoldOut(Struct, kw_only=True, rename="kebab"):
    """sold-out."""

    article: int | UnsetType = UNSET


class Shop(Struct, kw_only=True, rename="kebab"):
    """A model that is no service: every statement of YANG that becomes code."""

    shop: ShopShop | UnsetType = UNSET
