"""Documents made from the IR of a model: valid ones, and such as break exactly one constraint.

Everything comes from a ``Random``, so that a test, and the script that asks other implementations,
can draw as many as they like.
"""

from __future__ import annotations

import base64
import copy
from typing import TYPE_CHECKING, Any

from polycube_generator import ir, schema
from tests.generator import cases
from tests.generator.breaking import Mutant, bad

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

MODEL = """
  identity animal; identity dog { base animal; } identity cat { base animal; }
  container all {
    leaf low { type uint8 { range "1..4 | 10 | 20..200"; } must ". <= ../high"; }
    leaf high { type uint8; default 200; }
    leaf wide { type int64 { range "min..-5 | 7..max"; } }
    leaf unsigned { type uint64; }
    leaf money { type decimal64 { fraction-digits 2; range "-1.5..1.5 | 10"; } }
    leaf text { type string { length "2..4 | 7"; } }
    leaf word { type string { pattern "[a-c]+x?"; } }
    leaf not-word { type string { pattern "[a-c]+"; pattern "a.*" { modifier invert-match; } } }
    leaf octets { type binary { length "1..3"; } }
    leaf flags { type bits { bit up; bit down { position 9; } bit left; } }
    leaf kind { type enumeration { enum small; enum "very large"; } mandatory true; }
    leaf yes { type boolean; }
    leaf set { type empty; }
    leaf pet { type identityref { base animal; } }
    leaf mixed { type union { type uint8 { range "1..9"; } type enumeration { enum none; } } }
    leaf owner { type leafref { path "../member/name"; } }
    leaf only-small { when "../kind = 'small'"; type uint8; }
    leaf-list few { type uint8; min-elements 1; max-elements 4; }
    leaf-list names { type leafref { path "/t:all/member/name"; } }
    list member {
      key "name"; min-elements 1; max-elements 5; unique "port address";
      leaf name { type string { length "1..8"; pattern "[a-z]+"; } }
      leaf port { type uint16; }
      leaf address { type string { pattern "[0-9.]+"; } }
      leaf size { type int8; must "not(. > ../../high)" { error-app-tag "too-big"; } }
      container inner { leaf must-be { type boolean; mandatory true; } }
    }
    container maybe { presence "on"; leaf needed { type string; mandatory true; } }
    choice way { mandatory true;
      case by-road { leaf road { type uint8; } leaf lane { type uint8; } }
      leaf rail { type uint8; }
    }
  }
"""

_STRINGS = {
    "word": (["a", "abcx", "ccc"], ["", "abcd", "ax\n", "xa", "A", "a x", "^a$"]),
    "not-word": (["b", "bca"], ["a", "abc", "", "bd", "b\n"]),
    "address": (["1", "10.0.0.1", "..."], ["", "a", "1\n", "1 "]),
    "name": (["a", "bob", "ann", "zoe", "eightlng"], ["", "ninelongs", "Bob", "a1", "é"]),
}
"""What the patterns of the model match, and what they do not."""


class Documents:
    """Documents of the model, and mutants of them."""

    def __init__(self, folder: Path) -> None:
        """Write the model to a folder, and resolve it."""
        (folder / "t.yang").write_text(cases.FRAME.format(model=MODEL), encoding="utf-8")
        (module,) = schema.load(folder)
        (self.top,) = module.children
        assert isinstance(self.top, ir.Container)

    def valid(self, random: Random) -> dict[str, Any]:
        """Return a document that fulfils the model."""
        members = random.sample(_STRINGS["name"][0], random.randint(1, 5))
        inner = self._object(self.top, random)
        inner["member"] = [self._entry(name, number, random) for number, name in enumerate(members)]
        for name, value in (("owner", members[0]), ("names", members[:2])):
            if random.random() < 0.5:
                inner[name] = value
        inner["high"] = random.randint(127, 255)
        if "low" in inner:
            inner["low"] = random.choice([1, 2, 4, 10, 20, 127])
        if inner["kind"] != "small":
            inner.pop("only-small", None)
        inner["few"] = random.sample(range(256), random.randint(1, 4))
        inner |= random.choice([{"road": 3}, {"lane": 4}, {"road": 1, "lane": 2}, {"rail": 9}])
        if random.random() < 0.5:
            inner["maybe"] = {"needed": "x"}
        return {"t:all": inner}

    def _entry(self, name: str, number: int, random: Random) -> dict[str, Any]:
        entry = {"name": name, "inner": {"must-be": random.random() < 0.5}}
        if random.random() < 0.7:
            entry |= {"port": number, "address": random.choice(_STRINGS["address"][0])}
        if random.random() < 0.5:
            entry["size"] = random.randint(-128, 127)
        return entry

    def _object(self, node: ir.Container, random: Random) -> dict[str, Any]:
        """Return the leaves of an object that stand for themselves."""
        result = {}
        for leaf in node.children:
            if isinstance(leaf, ir.Leaf) and not isinstance(leaf.type, ir.Leafref):
                if leaf.name in {"road", "lane", "rail"}:
                    continue
                if leaf.mandatory or random.random() < 0.5:
                    result[leaf.name] = random.choice(good(leaf))
        return result

    def mutants(self, document: dict[str, Any]) -> list[Mutant]:
        """Return everything that breaks one constraint of a valid document."""
        found = list(_types(self.top, document))
        found += [Mutant(*one) for one in _structures(document)]
        return found


def good(leaf: ir.Leaf) -> list[Any]:  # noqa: C901 (by type)
    """Return values that a leaf accepts, those at its limits among them."""
    match leaf.type:
        case ir.Integer(bits=bits, ranges=ranges):
            values = [value for pair in ranges for value in pair]
            return [str(value) if bits > 32 else value for value in values]
        case ir.Decimal64(ranges=ranges):
            return [str(limit) for pair in ranges for limit in pair] + ["0.25", "-1.49"]
        case ir.String(patterns=()) if leaf.name == "text":
            return ["ab", "éàüö", "1234567", "a\n"]
        case ir.String():
            return _STRINGS.get(leaf.name, (["x"], []))[0]
        case ir.Binary():
            return [base64.b64encode(b"x" * size).decode() for size in (1, 2, 3)]
        case ir.Bits(names=names):
            return ["", names[0], " ".join(names)]
        case ir.Enumeration(values=values):
            return [value.name for value in values]
        case ir.Boolean():
            return [True, False]
        case ir.Identityref():
            return ["t:dog", "cat"]
        case ir.Union():
            return [1, 9, "none"]
        case _:
            return [[None]]


def wrong(leaf: ir.Leaf) -> list[Any]:
    """Return values that a leaf refuses."""
    match leaf.type:
        case ir.String(patterns=(_, *_)):
            return [*_STRINGS.get(leaf.name, ([], []))[1], *bad(leaf.type)]
        case ir.String():
            return [*bad(leaf.type), "abcde"]
        case ir.Decimal64():
            return [*bad(leaf.type), "2.0", "1.2.5"]
        case ir.Binary():
            return [*bad(leaf.type), "", base64.b64encode(b"xxxx").decode()]
        case ir.Identityref():
            return [*bad(leaf.type), "t:animal", "bird"]
        case ir.Union():
            return [*bad(leaf.type), 0, 10, "None", "", [1]]
        case _:
            return bad(leaf.type)


def _types(top: ir.Container, document: dict[str, Any]) -> list[Mutant]:
    """Break the type of each leaf in turn."""
    found = []
    for leaf in top.children:
        if not isinstance(leaf, ir.Leaf) or leaf.name not in document["t:all"]:
            continue
        if isinstance(leaf.type, ir.Leafref):
            continue
        for value in wrong(leaf):
            mutant = copy.deepcopy(document)
            mutant["t:all"][leaf.name] = value
            found.append(Mutant(mutant, f"type of {leaf.name}: {value!r}", f"/all/{leaf.name}"))
    return found


def _structures(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Break everything that is no type."""
    found: list[tuple[Any, ...]] = []

    def broken(what: str, path: str, tag: str = "", /, **members: Any) -> dict[str, Any]:
        mutant = copy.deepcopy(document)
        inner = mutant["t:all"]
        for name, value in members.items():
            key = name.rstrip("_").replace("_", "-")
            if value is None:
                inner.pop(key, None)
            else:
                inner[key] = value
        found.append((mutant, what, path, tag))
        return inner

    inner = document["t:all"]
    first = inner["member"][0]
    more = [{"name": name, "inner": {"must-be": True}} for name in ("p", "q", "r", "s", "u", "v")]
    broken("mandatory leaf", "/all/kind", kind=None)
    broken("mandatory in an entry", "/all/member", member=[{**first, "inner": {}}])
    broken("mandatory in a container with presence", "/all/maybe", maybe={})
    broken("key", "/all/member", member=[{"inner": {"must-be": True}}], names=None, owner=None)
    broken("two of one key", "/all/member", member=[first, dict(first, port=999)])
    broken("too many entries", "/all/member", "too-many-elements", member=[first, *more[:5]],
           names=None, owner=None)  # fmt: skip
    broken("too few entries", "/all/member", "too-few-elements", member=None,
           names=None, owner=None)  # fmt: skip
    broken("too few values", "/all/few", "too-few-elements", few=None)
    broken("too many values", "/all/few", "too-many-elements", few=[1, 2, 3, 4, 5])
    broken("a value twice", "/all/few", few=[1, 1])
    same = {"port": 5, "address": "1"}
    broken("unique", "/all/member", "data-not-unique",
           member=[{**first, **same}, {**more[0], **same}], names=None, owner=None)  # fmt: skip
    broken("leafref", "/all/owner", "instance-required", owner="nobody")
    broken("leafref in a leaf-list", "/all/names", "instance-required", names=["nobody"])
    broken("must", "/all/low", "must-violation", low=200, high=127)
    broken("must in an entry", "/all/member", "too-big", high=3, low=1,
           member=[{**first, "size": 4}], names=None, owner=None)  # fmt: skip
    broken("when", "/all/only-small", kind="very large", only_small=1)
    broken("two cases", "/all", road=1, rail=2)
    broken("mandatory choice", "/all", "missing-choice", road=None, lane=None, rail=None)
    broken("unknown member", "/all/other", other=1)
    broken("an object for a list", "/all/member", member={"name": "a"})
    broken("an array for a container", "/all/maybe", maybe=[])
    broken("a value for a leaf-list", "/all/few", few=1)
    return found
