# Generated from shop.yang by polycube-gen; DO NOT EDIT.
"""The data model of module shop."""

from decimal import Decimal

from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Case,
    Choice,
    Container,
    Leaf,
    LeafList,
    List,
    Model,
    Notification,
    Rule,
)
from polycube_runtime.support.types import (
    UINT8,
    UINT32,
    UINT64,
    Binary,
    Bits,
    Decimal64,
    Empty,
    Enumeration,
    Identityref,
    InstanceIdentifier,
    Leafref,
    String,
    Union,
)

from . import rules

MAIL_TYPE = String(
    patterns=("[[^\\p{P}\\p{Z}\\p{C}].]+@[[^\\p{P}\\p{Z}\\p{C}].--[_]]+",),
    inverted=("[^\\n\\r]*@example\\.[^\\n\\r]*",),
)
PRICE_TYPE = Decimal64(2, ranges=((Decimal("0.0"), Decimal("92233720368547758.07")),))
SHOP_ADDRESS = Container(
    "address",
    (
        Leaf("street", String()),
        Leaf(
            "city",
            String(),
            must=(
                Rule(
                    rules.must_city,
                    "../street",
                    message="a city needs a street",
                    tag="no-street",
                ),
            ),
        ),
    ),
)
SHOP_ARTICLE = List(
    "article",
    ("number",),
    (
        Leaf("number", UINT64, key=True),
        Leaf("name", String(lengths=((1, 40),)), mandatory=True),
        Leaf("price", PRICE_TYPE, must=(Rule(rules.must_price, ". <= ../../limit"),)),
        Leaf("flags", Bits(("fragile", "heavy"))),
        Leaf(
            "fee",
            PRICE_TYPE,
            when=(Rule(rules.when_fee, "bit-is-set(../flags, 'heavy')"),),
            default="5.0",
        ),
        LeafList(
            "see-also",
            Leafref("../../article/number", UINT64),
            max_elements=3,
            ordered_by_user=True,
            exists=rules.ref_see_also,
        ),
        Leaf("photo", Binary(lengths=((1, 65536),))),
    ),
    min_elements=1,
    unique=(("name",),),
)
SHOP_CUSTOMER = List(
    "customer",
    ("name",),
    (
        Leaf("name", String(), key=True),
        Leaf("mail", MAIL_TYPE),
        SHOP_ADDRESS,
        Leaf(
            "payment",
            Identityref("shop", frozenset(("shop:card", "shop:credit-card", "shop:transfer"))),
        ),
        Leaf("card-number", String(patterns=("\\d{16}",)), mandatory=True),
        Leaf("verified", Empty()),
        Leaf(
            "days",
            UINT8,
            when=(
                Rule(rules.when_days, "derived-from-or-self(payment, 'shop:transfer')", above=True),
            ),
            default=14,
        ),
        Leaf(
            "best",
            Union((Leafref("/shop/article/number", UINT64), Enumeration((("none", 0),)))),
            exists=rules.ref_best,
        ),
    ),
    choices=(
        Choice(
            "settled",
            (Case("now", ("card-number", "verified")), Case("later", ("days",))),
            default="later",
        ),
    ),
)
LOG_LINE = List("line", (), (Leaf("text", String()),))
SHOP_LOG = Container("log", (LOG_LINE,), config=False)
REMOVE_OUTPUT = Container("output", (Leaf("left", UINT32),))
REVIEW_REMOVE = Action("remove", output=REMOVE_OUTPUT)
SHOP_REVIEW = List(
    "review",
    ("article", "customer"),
    (
        Leaf(
            "article",
            Leafref("../../article/number", UINT64),
            key=True,
            exists=rules.ref_see_also,
        ),
        Leaf(
            "customer",
            Leafref("../../customer/name", String()),
            key=True,
            exists=rules.ref_customer,
        ),
        REVIEW_REMOVE,
    ),
)
SHOP = Container(
    "shop",
    (
        Leaf("mail", MAIL_TYPE),
        SHOP_ADDRESS,
        SHOP_ARTICLE,
        Leaf("limit", PRICE_TYPE, default="1000.0"),
        SHOP_CUSTOMER,
        SHOP_LOG,
        AnyData("extra"),
        Leaf("about", InstanceIdentifier()),
        SHOP_REVIEW,
    ),
    description="All there is",
    module="shop",
)
ORDER_INPUT = Container(
    "input",
    (
        Leaf(
            "article",
            Leafref("/shop/article/number", UINT64),
            mandatory=True,
            exists=rules.ref_best,
        ),
    ),
)
ORDER = Action("order", module="shop", input=ORDER_INPUT)
SOLD_OUT = Notification(
    "sold-out",
    (Leaf("article", Leafref("/shop/article/number", UINT64), exists=rules.ref_best),),
    module="shop",
)
MODEL = Model(
    "shop",
    namespace="urn:example:shop",
    revision="2026-01-01",
    description="A model that is no service: every statement of YANG that becomes code.",
    children=(SHOP, ORDER, SOLD_OUT),
)
