"""Requests that nobody would send: never a 500, never half of a change, never invalid data."""

import json
import os
import random
from urllib.parse import quote

import pytest

from polycube_runtime.rest.restconf.target import cubes_of
from polycube_runtime.support.schema import (
    CUBE_NAME,
    Action,
    Container,
    Leaf,
    LeafList,
    List,
)
from polycube_runtime.support.types import Boolean, Enumeration, Integer
from tests.fakes import SERVICES
from tests.rest.restconf.conftest import ADDRESS, DATA, PATCH

VERBS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "PATCH",
    "PUT",
    "POST",
    "DELETE",
    "OPTIONS",
    "TRACE",
)
VALUES = (
    None, True, 0, -1, 3, 2**70, 1.5, "", "p1", "a", "x", "TC", "WARN", "\0", "é/%,", "[null]", [],
    [None], {}, {"": 1}, [[]], {"name": "br1"}, [{"name": "p1"}], [{"name": "a", "id": 1}], ADDRESS,
)  # fmt: skip
KEYS = ("br1", "n1", "a", "p1", "x", "1", "", ADDRESS, "a,b", "%", "é", "no\nline", "m1", "'\"]")
READING = (
    "content=config", "depth=2", "fields=name", "with-defaults=trim", "fields=(((",
    "with-defaults=report-all-tagged", "content=nonconfig&depth=3", "with-defaults=explicit",
)  # fmt: skip
WRITING = (
    "dry-run", "insert=first", "insert=before&point=/nodes:nodes=n1/server=x",
    "insert=after&point=////",
)  # fmt: skip
CUBES = {"simplebridge": "br1", "nodes": "n1", "maps": "m1"}
HEADERS = (
    {}, {}, {}, {}, {}, {}, {}, {},
    {"if-match": "*"}, {"if-none-match": "*"}, {"accept": "text/xml"},
    {"if-unmodified-since": "x"}, {"if-match": '"1-2-3-4", W/"'},
)  # fmt: skip


class Fuzz:
    """Makes requests that follow the model, mostly."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret)
        known = [cubes_of(one.SERVICE) for one in SERVICES.values()]
        self.tops = [*known, *(one for one in known if one.name in CUBES for _ in range(4))]
        self.last: list[str] = []

    def path(self) -> tuple[str, str, object]:
        """A path below the datastore, and the member and node that it leads to."""
        if self.random.random() < 0.03:
            return "", "ietf-restconf:data", None
        node = self.random.choice(self.tops)
        module = node.module
        name = CUBES.get(node.name, "x") if self.random.random() < 0.9 else None
        parts = [f"{module}:{node.name}{f'={name}' if name else self.keys(node)}"]
        while isinstance(node, List | Container) and self.random.random() < 0.75:
            if not node.children:
                break
            node = self.random.choice(self.likely(node.children))
            parts.append(node.name + self.keys(node))
        if self.random.random() < 0.03:
            parts.append(self.random.choice(["..", "", "=", "%2F", "x=y", "a:b"]))
        return "/" + "/".join(parts), f"{module}:{node.name}", node

    def keys(self, node) -> str:
        count = len(node.keys) if isinstance(node, List) else isinstance(node, LeafList)
        if self.random.random() < 0.02:
            count += self.random.choice([-1, 1])
        if count <= 0:
            return ""
        self.last = [self.random.choice(KEYS) for _ in range(count)]
        return "=" + ",".join(quote(one, safe="") for one in self.last)

    def value(self, node, depth: int = 0):
        if node is None or depth > 3 or self.random.random() < 0.05:
            return self.random.choice(VALUES)
        match node:
            case List():
                count = 1 if self.random.random() < 0.9 else self.random.choice([0, 2])
                return [self.object(node, depth) for _ in range(count)]
            case Container():
                return self.object(node, depth)
            case Action():
                return self.object(node.input, depth) if node.input else {}
            case LeafList():
                return [self.leaf(node)]
            case Leaf():
                return self.leaf(node)
        return self.random.choice(VALUES)

    def likely(self, nodes):
        """Mostly those that can be written."""
        good = [one for one in nodes if getattr(one, "config", True)]
        return good if good and self.random.random() < 0.9 else nodes

    def leaf(self, node):
        if self.random.random() < 0.1:
            return self.random.choice(VALUES)
        match node.type:
            case Enumeration(values=names):
                return self.random.choice(names)[0]
            case Integer(ranges=ranges, bits=bits):
                number = self.random.randint(*ranges[0])
                return str(number) if bits > 32 else number
            case Boolean():
                return False
            case _ if isinstance(getattr(node, "default", None), str):
                return node.default
        return self.random.choice(["p1", "a", "x", [None], ADDRESS, "10.0.0.1"])

    def object(self, node, depth: int):
        likely = self.likely(node.children)
        drawn = [one for one in likely if self.random.random() < (0.15 if depth else 0.25)]
        drawn = [one for one in drawn if not isinstance(one, Action)]
        drawn += [one for one in likely if getattr(one, "mandatory", False) and one not in drawn]
        found = {one.name: self.value(one, depth + 1) for one in drawn}
        leaves = getattr(node, "key_leaves", ())
        if leaves == (CUBE_NAME,):
            return {**found, "name": CUBES.get(node.name, "x")}
        same = len(self.last) == len(leaves) and self.random.random() < 0.8
        texts = self.last if same else [self.random.choice(KEYS) for _ in leaves]
        keys = {}
        for leaf, text in zip(leaves, texts, strict=True):
            whole = isinstance(leaf.type, Integer) and text.isdecimal()
            keys[leaf.name] = int(text) if whole else text
        return {**found, **keys}

    def query(self, verb: str) -> str:
        if self.random.random() < 0.6:
            return ""
        fitting = READING if verb in {"GET", "HEAD"} else WRITING
        return self.random.choice(fitting if self.random.random() < 0.9 else READING + WRITING)

    def body(self, verb: str, member: str, node) -> tuple[str | None, str]:
        kind = self.random.random()
        if kind < 0.05:
            return None, DATA
        if kind < 0.1:
            return self.random.choice(["{", "\0", '{"a":' * 2000, "[" * 5000, '"\ud800"']), DATA
        if kind < (0.5 if verb == "PATCH" else 0.12):
            return json.dumps(self.patch()), PATCH
        if isinstance(node, Action):
            member = f"{member.partition(':')[0]}:input"
        inner = verb == "POST" or kind > 0.95
        if isinstance(node, List | Container) and inner and node.children:
            node = self.random.choice(self.likely(node.children))
            member = f"{member.partition(':')[0]}:{node.name}"
            self.last = []
        return json.dumps({member: self.value(node)}), DATA

    def patch(self):
        edits = []
        for number in range(self.random.choice([0, 1, 1, 2, 3])):
            path, member, node = self.path()
            edit = {
                "edit-id": str(number),
                "operation": self.random.choice(
                    ["create", "delete", "insert", "merge", "move", "replace", "remove", "x"]
                ),
                "target": self.random.choice([path, path, path, "/", "", 5]),
            }
            if self.random.random() < 0.6:
                edit["value"] = {member: self.value(node)}
            if self.random.random() < 0.2:
                edit["where"] = self.random.choice(["first", "last", "before", 1])
                edit["point"] = self.random.choice([self.path()[0], 1])
            edits.append(edit)
        return {"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": edits}}


def is_part(some: object, whole: object) -> bool:
    """Whether data is other data with some members left out."""
    if isinstance(some, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(one, whole[name]) for name, one in some.items())
    if isinstance(some, list) and isinstance(whole, list) and len(some) == len(whole):
        return all(map(is_part, some, whole))
    return some == whole


def require_views(rc) -> None:
    """What is explicit is between what is no default and everything."""
    query = "/data?content=config&with-defaults="
    trim, explicit, every = (rc.get(query + one) for one in ("trim", "explicit", "report-all"))
    assert is_part(trim, explicit)
    assert is_part(explicit, every)


SEEDS = range(int(os.environ.get("POLYCUBE_FUZZ_SEEDS", "3")))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_breaks_it(rc, seed, caplog):
    fuzz = Fuzz(seed)
    done = set()
    for number in range(250):
        if number % 50 == 0:
            for name, start in (("br1", rc.bridge), ("n1", rc.nodes)):
                if name not in rc.polycube.cubes:
                    start()
        path, member, node = fuzz.path()
        verb = fuzz.random.choice(VERBS)
        body, media = fuzz.body(verb, member, node)
        query, headers = fuzz.query(verb), fuzz.random.choice(HEADERS)
        if verb in {"GET", "HEAD"}:
            body = None
        before = rc("GET", "/data?content=config").json()
        versions = [cube.version for cube in rc.polycube.cubes.values()]
        answer = rc.client.request(
            verb,
            f"http://localhost:9000/restconf/data{path}" + (f"?{query}" if query else ""),
            content=body.encode("utf-8", "surrogatepass") if body is not None else None,
            headers={**({"content-type": media} if body is not None else {}), **headers},
        )
        what = (verb, path, query, body, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, what
        assert not caplog.records or all(one.levelname != "ERROR" for one in caplog.records), what
        if answer.status_code >= 400 or query == "dry-run":
            assert rc("GET", "/data?content=config").json() == before, what
            assert versions == [cube.version for cube in rc.polycube.cubes.values()], what
        if answer.status_code >= 400 and verb != "HEAD":
            assert answer.json(), what
        if number % 10 == 0:
            require_views(rc)
        done.add((verb, answer.status_code // 100))
    assert {("GET", 2), ("GET", 4), ("PUT", 4), ("PATCH", 4), ("DELETE", 4)} <= done
    assert {("POST", 2), ("PUT", 2), ("PATCH", 2), ("DELETE", 2)} & done


STATE = "/restconf/data/ietf-yang-library:"
ODD = (
    "/restconf/data/%00", "/restconf/data/../..", "/restconf/data//x", "/restconf/data/=",
    "/restconf/%", "/restconf/data/simplebridge:simplebridge=%", "/restconf/data/:",
    "/restconf/data/::=,/=", "/restconf/yang/../x", "/restconf/yang/%2e%2e", "/restconf/yang/",
    "/restconf/operations/x/y", "/restconf/streams", "/restconf/streams/NETCONF/x",
    "/restconf/data/" + "a/" * 3000, "/.well-known/host-meta/x", "/restconf/yang-library-version/x",
    f"{STATE}modules-state/module=a", f"{STATE}yang-library/module-set=all/x",
)  # fmt: skip


@pytest.mark.parametrize("path", ODD)
def test_odd_paths(rc, path):
    for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "X"):
        answer = rc.client.request(verb, f"http://localhost:9000{path}", content="{}")
        assert 400 <= answer.status_code < 500, (verb, answer.text)
        if verb != "HEAD":
            assert "error" in answer.text
