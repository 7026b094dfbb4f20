"""A client that knows RFC 8040 and nothing of Polycube: it finds, reads and edits everything."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from pyang.context import Context
from pyang.repository import FileRepository

from tests.rest.restconf.conftest import ADDRESS, DATA

HOST = "http://localhost:9000"
VALUES = {
    "tuning": {"enabled": True, "rate": "0.5", "burst": 8, "gateway": "10.0.0.0/8"},
    "keeping": {"timeouts": {"tcp": 5, "udp": 6}},
    "session": [
        {
            "address": "10.0.0.1",
            "timeouts": {"tcp": 7},
            "limit": {"rate": 1, "colour": "red", "log": {"every": 3}},
        }
    ],
    "policy": [
        {"target": "10.0.0.1", "vlan": [30, 10]},
        {"target": "fd00::/8", "level": ["low"]},
        {"target": 7},
        {"target": "a/b, c"},
    ],
    "rule": [{"source": "10.0.0.0/8", "mask": "syn fin", "log": [None], "secret": "AAEC"}],
}


class Client:
    """Walks a server by what that says of itself: host-meta, the library, the modules' text."""

    def __init__(self, http) -> None:
        self.http = http
        xrd = ET.fromstring(http.get(f"{HOST}/.well-known/host-meta").text)  # noqa: S314 (our own)
        (link,) = [one for one in xrd if one.attrib["rel"] == "restconf"]
        self.root = HOST + link.attrib["href"]
        self.context = Context(FileRepository(""))
        library = self.get("/data/ietf-yang-library:yang-library")["ietf-yang-library:yang-library"]
        for one in library["module-set"]:
            for listed in one["module"] + one["import-only-module"]:
                for url in listed.get("location", []):
                    text = http.get(url, headers={"accept": "application/yang"}).text
                    self.context.add_module(listed["name"], text)
        self.context.validate()

    def ask(self, verb: str, path: str, body: object = None, **headers: str):
        sent = {"accept": DATA, **({"content-type": DATA} if body is not None else {}), **headers}
        answer = self.http.request(verb, self.root + path, json=body, headers=sent)
        assert answer.status_code < 500, answer.text
        return answer

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def top(self, member: str) -> Any:
        module, _, name = member.partition(":")
        return below(self.context.get_module(module), name)

    def resources(self) -> Iterator[tuple[str, str, Any, Any]]:
        """Yield the URL, the member, the schema node and the value of everything there is."""
        for member, value in self.get("/data")["ietf-restconf:data"].items():
            yield from walk("/data", member, self.top(member), value)


def below(statement, name: str):
    """Find a data node by its name, through choices and cases."""
    for child in statement.i_children:
        if child.keyword in {"choice", "case"}:
            if (found := below(child, name)) is not None:
                return found
        elif child.arg == name and child.keyword not in {"action", "rpc", "notification"}:
            return child
    return None


def text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def walk(path: str, member: str, node, value) -> Iterator[tuple[str, str, Any, Any]]:
    assert node is not None, (path, member)
    qualified = f"{node.i_module.i_modulename}:{node.arg}"
    here = f"{path}/{member}"
    match node.keyword:
        case "list":
            yield here, qualified, node, value
            for entry in value if node.search_one("key") else ():
                keys = node.search_one("key").arg.split()
                key = ",".join(quote(text_of(entry[one]), safe="") for one in keys)
                yield f"{here}={key}", qualified, node, [entry]
                yield from members(f"{here}={key}", node, entry)
        case "container":
            yield here, qualified, node, value
            yield from members(here, node, value)
        case "leaf-list":
            yield here, qualified, node, value
            for one in value if node.i_config else ():
                yield f"{here}={quote(text_of(one), safe='')}", qualified, node, [one]
        case _:
            yield here, qualified, node, value


def members(path: str, node, value: dict) -> Iterator[tuple[str, str, Any, Any]]:
    for name, item in value.items():
        yield from walk(path, name, below(node, name.rpartition(":")[2]), item)


@pytest.fixture
def client(rc):
    rc.bridge(fdb={"aging-time": 60, "entry": [{"address": ADDRESS, "port": "p1"}]})
    rules = [{"id": 1, "source-address": "10.0.0.1"}, {"id": 2}]
    rc.nodes(mirror={"to": "a"}, chain=[{"name": "in/out, 100% ':\"é", "rule": rules}], flag=[None])
    rc("POST", "/data", {"maps:maps": [{"name": "m1"}]}, 201)
    rc("POST", "/data", {"conditions:conditions": [{"name": "c1"}]}, 201)
    rc("POST", "/data", {"values:values": [{"name": "v1", **VALUES}]}, 201)
    return Client(rc.client)


def test_everything_is_there_under_its_own_url(client):
    count = 0
    for path, member, _, value in client.resources():
        assert client.get(path) == {member: value}, path
        head, options = client.ask("HEAD", path), client.ask("OPTIONS", path)
        assert head.status_code == 200
        assert head.headers["etag"]
        assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))
        assert ("accept-patch" in options.headers) == ("PATCH" in options.headers["allow"])
        count += 1
    assert count > 300


def test_what_is_read_can_be_written_back_and_changes_nothing(client):
    before = client.get("/data?content=config")
    count = 0
    for path, member, node, _ in list(client.resources()):
        allowed = client.ask("OPTIONS", path).headers["allow"].split(", ")
        if "PUT" not in allowed:
            assert client.ask("PUT", path, {member: None}).status_code == 405, path
            continue
        assert node.i_config, path
        body = client.get(f"{path}?content=config")
        tag = client.ask("GET", path).headers["etag"]
        for verb in ("PUT", "PATCH"):
            answer = client.ask(verb, path, body, **{"if-match": tag})
            assert answer.status_code == 204, (verb, path, body, answer.text)
            assert answer.headers["etag"] == "-".join(tag.split("-")[:2]).rstrip('"') + '"', path
            count += 1
    assert client.get("/data?content=config") == before
    assert count > 100


def test_every_leaf_with_a_default_goes_back_to_it_and_forth(client):
    before = client.get("/data?content=config")
    count = 0
    for path, member, node, value in list(client.resources()):
        allowed = client.ask("OPTIONS", path).headers["allow"].split(", ")
        if node.keyword != "leaf" or "DELETE" not in allowed or not node.search_one("default"):
            continue
        assert client.ask("DELETE", path).status_code == 204, path
        assert text_of(client.get(path)[member]) == node.search_one("default").arg
        assert client.ask("PUT", path, {member: value}).status_code in {201, 204}
        count += 1
    assert client.get("/data?content=config") == before
    assert count > 8


def test_every_entry_can_be_deleted_and_posted_again(client):
    count = 0
    for path, _, node, _ in list(client.resources()):
        parent, _, last = path.rpartition("/")
        if node.keyword != "list" or "=" not in last or not node.i_config or parent == "/data":
            continue
        read = client.ask("GET", f"{path}?content=config")
        if read.status_code == 404:
            continue  # it went with what it referred to
        body = read.json()
        answer = client.ask("DELETE", path)
        is_array = "/maps:maps=m1/" in path or "/slot=" in path
        if answer.status_code == 204 and is_array:
            client.ask("PUT", path, body)  # an array's slots are always there
        elif answer.status_code == 204:
            assert client.ask("GET", path).status_code == 404
            posted = client.ask("POST", parent, body)
            assert posted.status_code == 201, (path, body, posted.text)
            assert posted.headers["location"] == client.root + path
            assert client.get(f"{path}?content=config") == body
            count += 1
        else:  # something refers to it, or there are to be more
            assert answer.status_code in {409, 412}, (path, answer.text)
            assert client.get(f"{path}?content=config") == body
    assert count > 3
