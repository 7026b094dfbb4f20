"""Random XPath expressions about one model, and random documents of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

_ENTRY = """
  leaf k { type string; } leaf v { type int16; } leaf w { type string; } leaf b { type boolean; }
"""
MODEL = f"""
  grouping e {{ {_ENTRY} }}
  container c {{ %(c)s
    leaf s {{ type string; }} leaf n {{ type int32; %(n)s }} leaf flag {{ type boolean; }}
    leaf dec {{ type decimal64 {{ fraction-digits 2; }} }} leaf big {{ type uint64; }}
    leaf-list ll {{ type string; ordered-by user; %(ll)s }}
    leaf-list nums {{ type int8; ordered-by user; }}
    container in {{
      leaf x {{ type string; }} leaf y {{ type int8; default 3; }}
      container deep {{ %(deep)s leaf z {{ type string; }} }}
    }}
    container pres {{ presence p; leaf x {{ type string; }} }}
    list l {{ key k; ordered-by user; %(l)s uses e;
      leaf-list tags {{ type string; ordered-by user; }}
      list m {{ key k; ordered-by user; %(m)s uses e;
        container mc {{ leaf q {{ type uint8; %(q)s }} }}
      }}
    }}
    list u {{ key "k v"; ordered-by user; uses e; }}
    leaf e {{ type enumeration {{ enum a; enum b; }} }}
  }}
"""
"""What the contexts have for their names is replaced by ``must`` statements."""

Tree = dict[str, Any]
Steps = tuple[str, ...]

_LEAVES: Tree = {"k": {}, "v": {}, "w": {}, "b": {}}
TREE: Tree = {
    "c": {
        **{name: {} for name in ("s", "n", "flag", "dec", "big", "ll", "nums")},
        "in": {"x": {}, "y": {}, "deep": {"z": {}}},
        "pres": {"x": {}},
        "l": {**_LEAVES, "tags": {}, "m": {**_LEAVES, "mc": {"q": {}}}},
        "u": _LEAVES,
        "e": {},
    }
}
"""The nodes of the model, in its order."""

CONTEXTS: dict[str, Steps] = {
    "c": ("c",),
    "n": ("c", "n"),
    "ll": ("c", "ll"),
    "deep": ("c", "in", "deep"),
    "l": ("c", "l"),
    "m": ("c", "l", "m"),
    "q": ("c", "l", "m", "mc", "q"),
}
LISTS = frozenset({"l", "m", "u", "ll", "nums", "tags"})
IMPLIED = frozenset({"c", "in", "deep", "mc"})

_STRINGS = ("a", "b", "x", "", "1", "2", "true", "ab", " 1", "05", "1.50")
_NUMBERS = ("0", "1", "2", "3", "1.5", "-1", "100", "-0", "9007199254740993", "0.1", ".5")
_POSITIONS = (
    "last()", "position() = 2", "position() < last()", "position() > 1", "last() - 1",
    "position() mod 2 = 1", "position() = last()",
)  # fmt: skip
_COMPARED = ("=", "!=", "<", "<=", ">", ">=")


def below(steps: Steps) -> Tree:
    """Return the nodes below a path."""
    node = TREE
    for step in steps:
        node = node[step]
    return node


def _all(steps: Steps) -> Iterator[Steps]:
    for name in below(steps):
        yield (*steps, name)
        yield from _all((*steps, name))


class Expressions:
    """Makes expressions for a context node at ``origin``."""

    def __init__(self, random: Random, origin: Steps) -> None:
        """Take everything that is random from one place."""
        self.random = random
        self.origin = origin

    def make(self, kind: str, depth: int) -> str:
        """Return an expression: a node set, bool, number or text."""
        return self._made(kind, self.origin, depth)

    def _made(self, kind: str, at: Steps, depth: int) -> str:
        choice = self.random.choice
        if kind == "node":
            return self._nodes(at, depth)
        if depth <= 0:
            simple = {"text": [f"'{choice(_STRINGS)}'"], "num": [choice(_NUMBERS)]}
            return choice(simple.get(kind, ["true()", "false()", self._path(at, 0, 1)]))

        def inner(*kinds: str) -> str:
            return self._made(choice(kinds or ("node", "text", "num", "bool")), at, depth - 1)

        return choice(getattr(self, f"_{kind}s")(inner))()

    def _texts(self, inner: Callable[..., str]) -> list[Callable[[], str]]:
        return [
            lambda: f"'{self.random.choice(_STRINGS)}'",
            lambda: f"string({inner('node', 'text', 'bool')})",
            lambda: f"concat({inner('node', 'text', 'bool')}, {inner('node', 'text', 'bool')})",
            lambda: f"substring({inner('node', 'text')}, {inner('num')})",
            lambda: f"substring({inner('node', 'text')}, {inner('num')}, {inner('num')})",
            lambda: f"substring-before({inner('node', 'text')}, {inner('node', 'text')})",
            lambda: f"substring-after({inner('node', 'text')}, {inner('node', 'text')})",
            lambda: f"translate({inner('node', 'text')}, 'ab1', 'BA')",
            lambda: f"normalize-space({inner('node', 'text')})",
            lambda: f"local-name({inner('node')})",
            lambda: "local-name()",
        ]

    def _nums(self, inner: Callable[..., str]) -> list[Callable[[], str]]:
        def pair(operator: str) -> Callable[[], str]:
            return lambda: f"({inner()} {operator} {inner()})"

        return [
            lambda: self.random.choice(_NUMBERS),
            *(pair(operator) for operator in ("+", "-", "*", "div", "mod")),
            lambda: f"({inner('num')} + {inner('num')} - {inner()})",
            lambda: f"number({inner()})",
            lambda: f"count({inner('node')})",
            lambda: f"sum({inner('node')})",
            lambda: f"string-length({inner('node', 'text')})",
            *(
                lambda name=name: f"{name}({inner('num')})"
                for name in ("floor", "ceiling", "round")
            ),
            lambda: f"-{inner('num')}",
        ]

    def _bools(self, inner: Callable[..., str]) -> list[Callable[[], str]]:
        def compared(left: tuple[str, ...], right: tuple[str, ...]) -> Callable[[], str]:
            return lambda: f"({inner(*left)} {self.random.choice(_COMPARED)} {inner(*right)})"

        return [
            compared((), ()),
            compared(("node",), ("node",)),
            compared(("node",), ("text", "num")),
            compared(("num",), ("num",)),
            lambda: f"not({inner()})",
            lambda: f"boolean({inner()})",
            lambda: f"({inner()} and {inner()})",
            lambda: f"({inner()} or {inner()})",
            lambda: f"starts-with({inner('node', 'text')}, {inner('node', 'text')})",
            lambda: f"contains({inner('node', 'text')}, {inner('node', 'text')})",
            inner,
        ]

    def _nodes(self, at: Steps, depth: int) -> str:
        chance = self.random.random()
        if depth > 0 and chance < 0.12:
            return f"{self._nodes(at, depth - 1)} | {self._nodes(at, depth - 1)}"
        if depth > 0 and chance < 0.24:
            return f"({self._nodes(at, depth - 1)})[{self._predicate(at, 0)}]"
        if chance < 0.35:
            return "/" + self._path((), depth).removeprefix("./").removeprefix("/")
        if chance < 0.45:
            return f"current()/{self._path(self.origin, depth)}"
        return self._path(at, depth)

    def _path(self, at: Steps, depth: int, steps: int = 0) -> str:
        """Return a path from a node; no step of it is wrong, and some lead nowhere."""
        parts: list[str] = []
        for _ in range(steps or self.random.choice([1, 1, 2, 2, 3])):
            step, at = self._step(at)
            # pyang cannot parse a star at the beginning.
            parts.append("child::*" if step == "*" and not parts else step)
            if step == "text()":
                break
            if step not in {".", ".."} and depth > 0 and self.random.random() < 0.3:
                parts[-1] += f"[{self._predicate(at, depth - 1)}]"
        return "/".join(parts) if not parts[0].startswith("/") else f"./{'/'.join(parts)}"

    def _step(self, at: Steps) -> tuple[str, Steps]:
        choice, children = self.random.choice, below(at)
        kinds = ["child"] * 6 + ["star", "descendant"] if children else []
        if at:
            kinds += ["parent"] * 3 + ["self", "ancestor", "beside", "along"]
            kinds += [] if children else ["text"]
        match choice(kinds):
            case "child":
                name = choice(list(children))
                return name, (*at, name)
            case "star":
                return "*", (*at, choice(list(children)))
            case "descendant":
                found = choice(list(_all(at)))
                return f"descendant::{found[-1] if self.random.random() < 0.8 else '*'}", found
            case "parent":
                return "..", at[:-1]
            case "ancestor":
                place = self.random.randrange(len(at))
                name = at[place] if self.random.random() < 0.7 else "*"
                return f"{choice(['ancestor', 'ancestor-or-self'])}::{name}", at[: place + 1]
            case "beside":
                name = choice([*below(at[:-1]), at[-1], at[-1], at[-1]])
                axis = choice(["preceding-sibling", "following-sibling"])
                return f"{axis}::{name}", (*at[:-1], name)
            case "along":
                found = choice([one for one in _all(()) if one[-1] in {"l", "m", "q", at[-1]}])
                return f"{choice(['preceding', 'following'])}::{found[-1]}", found
            case "text":
                return "text()", at
        return ".", at

    def _predicate(self, at: Steps, depth: int) -> str:
        chance, choice = self.random.random(), self.random.choice
        if chance < 0.2:
            return choice(["1", "1", "2", "3"])
        if chance < 0.3:
            return choice(_POSITIONS)
        if chance < 0.5 and below(at):
            value = self._made(choice(["text", "num", "node"]), at, depth)
            return f"{choice(list(below(at)))} = {value}"
        return self._made(choice(["bool", "bool", "node", "num"]), at, depth)


def document(random: Random) -> Tree:
    """Return a document of the model, in RFC 7951's encoding."""

    def some(share: float, **members: Any) -> Tree:
        return {name: value for name, value in members.items() if random.random() < share}

    def entry(key: str) -> Tree:
        word, flag = random.choice(_STRINGS), random.random() < 0.5
        return {"k": key, **some(0.6, v=random.randrange(-1, 4), w=word, b=flag)}

    def lower(key: str) -> Tree:
        return {**entry(key), **some(0.7, mc={"q": random.randrange(4)})}

    def upper(key: str) -> Tree:
        lowers = [lower(one) for one in random.sample(["a", "b", "1"], random.randrange(3))]
        return {**entry(key), "tags": random.sample(_STRINGS, random.randrange(3)), "m": lowers}

    pairs = random.sample([("a", 1), ("a", 2), ("b", 1), ("1", 1)], random.randrange(3))
    inside = some(0.5, x=random.choice(_STRINGS), y=random.randrange(4))
    return {
        "t:c": {
            **some(
                0.7, s=random.choice(_STRINGS), n=random.randrange(-1, 5), e=random.choice("ab")
            ),
            **some(0.5, flag=random.random() < 0.5, dec=random.choice(["1.5", "0.25", "-2.0"])),
            **some(0.5, big=random.choice(["3", "9007199254740993", "18446744073709551615"])),
            "ll": random.sample(_STRINGS, random.randrange(4)),
            "nums": random.sample(range(-2, 6), random.randrange(4)),
            "in": {**inside, **some(0.6, deep=some(0.6, z=random.choice(_STRINGS)))},
            **some(0.5, pres=some(0.6, x=random.choice(_STRINGS))),
            "l": [upper(key) for key in random.sample(["a", "b", "1", "x"], random.randrange(4))],
            "u": [{**entry(key), "v": number} for key, number in pairs],
        }
    }
