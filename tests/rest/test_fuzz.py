"""Requests in the dialect that nobody would send: never a 500, never half of a change."""

import json
import os
from urllib.parse import quote

import pytest

from polycube_runtime.support.schema import Action, Container, LeafList, List
from tests.fakes import SERVICES
from tests.rest.restconf.test_fuzz import CUBES, KEYS, VALUES, Fuzz

VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "POST", "PUT", "PATCH", "OPTIONS", "BREW")
QUERIES = ("dry-run", "config", "help=SHOW", "help=ADD&completion", "help=", "x=%", "help=%ff")
HEADERS = (
    {}, {}, {}, {}, {}, {},
    {"if-match": "*"}, {"if-none-match": "*"}, {"if-match": 'W/"a", "'}, {"if-none-match": '"'},
    {"content-type": "text/xml"}, {"accept": "text/xml"}, {"content-length": "x"},
)  # fmt: skip
PLACES = ("br1:p1", "n1:a", "veth1", "th1", "br1", "", ":", "br1:", "none", 5, None, [])
WHOLE = ("/cubes", "/topology", "/connect", "/disconnect", "/attach", "/detach", "/reload",
         "/topology/veth1", "/netdevs/veth1", "/cubes/br1", "/services/none", "/")  # fmt: skip


class DialectFuzz(Fuzz):
    """Makes requests that follow the model, mostly, with the keys as steps of their own."""

    def resource(self) -> tuple[str, object]:
        """A path below `/polycube/v1`, and the node that it leads to."""
        node = self.random.choice(self.tops)
        parts = [node.name]
        if self.random.random() < 0.95:
            parts.append(CUBES.get(node.name, "x"))
        while isinstance(node, List | Container) and len(parts) > 1 and self.random.random() < 0.75:
            if not node.children:
                break
            node = self.random.choice(self.likely(node.children))
            parts.append(node.name)
            if isinstance(node, List) and self.random.random() < 0.8:
                self.last = [self.random.choice(KEYS) for _ in node.keys]
                parts += [quote(one, safe=self.random.choice(["", ":"])) for one in self.last]
        if self.random.random() < 0.03:
            parts.append(self.random.choice(["..", "", "%2F", "x", "%", "\u00e9", "a" * 3000]))
        return "/" + "/".join(parts) + self.random.choice(["", "/"]), node

    def document(self, verb: str, node) -> str | None:
        """A body, or none."""
        kind = self.random.random()
        if kind < 0.05:
            return None
        if kind < 0.1:
            return self.random.choice(["{", "\0", '{"a":' * 2000, "[" * 5000, '"\ud800"', "nul"])
        if isinstance(node, List) and self.random.random() < 0.7 and verb != "DELETE":
            return json.dumps(self.object(node, 0))
        if isinstance(node, LeafList) or not isinstance(node, List | Container | Action):
            return json.dumps(self.random.choice([*VALUES, self.value(node)]))
        return json.dumps(self.value(node))

    def whole(self) -> tuple[str, object]:
        """What is about several cubes, with a body for it."""
        places = [self.random.choice(PLACES) for _ in range(4)]
        wired = dict(zip(("cube", "port", "peer1", "peer2"), places, strict=True))
        cubes = [
            {"service-name": node.name, **self.object(node, 0)}
            for node in (
                self.random.choice(self.tops) for _ in range(self.random.choice([0, 1, 2]))
            )
        ]
        topology = {"cubes": cubes, "attachments": [{"cube": "th1", "port": places[1]}]}
        body = self.random.choice([wired, wired, cubes, topology, self.random.choice(VALUES)])
        return self.random.choice(WHOLE), body


SEEDS = range(int(os.environ.get("POLYCUBE_FUZZ_SEEDS", "3")))


def configuration(api) -> object:
    return api("GET", "/topology?config").json()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_breaks_it(api, seed, caplog):
    fuzz = DialectFuzz(seed)
    done = set()
    for number in range(250):
        if number % 50 == 0:
            start(api)
        verb, query = fuzz.random.choice(VERBS), ""
        if fuzz.random.random() < 0.15:
            path, given = fuzz.whole()
            body = json.dumps(given)
        else:
            path, node = fuzz.resource()
            body = fuzz.document(verb, node)
        if fuzz.random.random() < 0.3:
            query = "?" + fuzz.random.choice(QUERIES)
        before = configuration(api)
        versions = {name: cube.version for name, cube in api.polycube.cubes.items()}
        answer = api.client.request(
            verb,
            f"http://localhost:9000/polycube/v1{path}{query}",
            content=body.encode("utf-8", "surrogatepass") if body is not None else None,
            headers=fuzz.random.choice(HEADERS),
            follow_redirects=False,
        )
        what = (verb, path, query, body, answer.status_code, answer.text[:300])
        assert answer.status_code < 500, what
        assert "Traceback" not in answer.text, what
        assert all(one.levelname != "ERROR" for one in caplog.records), what
        reading = verb in {"GET", "HEAD", "OPTIONS"}
        if answer.status_code >= 400 or query == "?dry-run" or reading:
            assert configuration(api) == before, what
            now = {name: cube.version for name, cube in api.polycube.cubes.items()}
            assert now == versions, what
        if answer.status_code >= 400 and verb != "HEAD":
            assert answer.json()["ietf-restconf:errors"]["error"], what
        done.add((verb, answer.status_code // 100))
    assert {("GET", 2), ("PUT", 4), ("PATCH", 4), ("POST", 4)} <= done
    assert {("POST", 2), ("PUT", 2), ("PATCH", 2), ("DELETE", 2)} & done


def start(api) -> None:
    """Make the cubes that the requests are about, as far as they are not there."""
    more = {"server": ["x"], "class": 3}
    for service, name, ports in (("simplebridge", "br1", ["p1", "p2"]), ("nodes", "n1", ["a"])):
        if name not in api.polycube.cubes:
            given = more if service == "nodes" else {}
            body = {"ports": [{"name": one} for one in ports], **given}
            api.ok("POST", f"/{service}/{name}", body)
    if "th1" not in api.polycube.cubes:
        api.ok("POST", "/transparenthelloworld/th1", {})
    assert SERVICES.keys() >= CUBES.keys()


ODD = (
    "/%", "/%00", "/..", "//", "/simplebridge/%2e%2e", "/simplebridge/br1/%ff", "/cubes/%",
    "/nodes/n1/chain/%", "/simplebridge/br1/ports/p1/p2/p3", "/simplebridge/br1/fdb/entry/none",
    "/" + "a/" * 3000, "/simplebridge/br1/fdb/flush/x", "/simplebridge/\u00e9", "/services/%2F",
)  # fmt: skip


@pytest.mark.parametrize("path", ODD)
def test_odd_paths(api, path):
    start(api)
    before = configuration(api)
    for verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "BREW", "OPTIONS"):
        answer = api(verb, path, {})
        assert answer.status_code < 500
        assert configuration(api) == before or answer.status_code < 400
