"""Whole topologies as documents: read, applied, and nothing touched that is equal."""

import pytest

CUBES = [
    {"name": "b1", "service-name": "simplebridge",
     "ports": [{"name": "x", "peer": "b2:x"},
               {"name": "y", "peer": "veth1", "tcubes": ["m1", "m2"]}]},
    {"name": "b2", "service-name": "simplebridge", "ports": [{"name": "x", "peer": "b1:x"}]},
    *({"name": f"m{n}", "service-name": "maps"} for n in (1, 2, 3, 4)),
]  # fmt: skip
ATTACHED = [{"cube": "m3", "port": "veth2"}, {"cube": "m4", "port": "veth2"}]
TOPOLOGY = {"cubes": CUBES, "attachments": ATTACHED}


@pytest.fixture
def whole(api):
    api.ok("POST", "/topology", TOPOLOGY)
    return api


def chains(api) -> dict[str, list[str]]:
    found = {
        f"{cube.name}:{port.name}": [one.name for one in port.chain]
        for cube in api.polycube.cubes.values()
        for port in cube.ports.values()
        if port.chain
    }
    on_netdevs = api.polycube.chains.on_netdevs()
    return found | {name: [one.name for one in chain] for name, chain in on_netdevs.items()}


def test_a_topology_is_made_and_read(whole):
    assert chains(whole) == {"b1:y": ["m1", "m2"], "veth2": ["m3", "m4"]}
    assert whole.get("/simplebridge/b2/ports/x/status") == "UP"
    found = whole.get("/topology?config")
    assert [cube["name"] for cube in found["cubes"]] == [cube["name"] for cube in CUBES]
    assert found["attachments"] == ATTACHED
    assert found["cubes"][0]["ports"][1] == {"name": "y", "peer": "veth1", "tcubes": ["m1", "m2"]}
    assert not {"uuid", "parent"} & set(found["cubes"][0])
    by_service = whole.get("/cubes?config")
    assert by_service["maps"] == found["cubes"][2:]
    assert whole.get("/simplebridge/b1?config") == found["cubes"][0]
    assert whole.get("/cubes/b1?config") == found["cubes"][0]


def test_what_was_read_is_no_change(whole):
    found = whole.get("/topology?config")
    before = {name: (cube.uuid, cube.version) for name, cube in whole.polycube.cubes.items()}
    for verb in ("PUT", "PATCH"):
        answer = whole(verb, "/topology?dry-run", found)
        assert answer.json() == {"changes": []}
        whole.ok(verb, "/topology", found, 200)
        whole.ok(verb, "/cubes", whole.get("/cubes?config"), 200)
        whole.ok(verb, "/cubes", found["cubes"], 200)
    assert {name: (one.uuid, one.version) for name, one in whole.polycube.cubes.items()} == before
    assert whole.get("/topology?config") == found


def test_a_topology_comes_back_after_all_was_deleted(whole):
    found = whole.get("/topology?config")
    whole.ok("PUT", "/topology", {"cubes": [], "attachments": []}, 200)
    assert whole.get("/topology?config") == {"cubes": [], "attachments": []}
    assert not [name for name, _ in whole.polycube.kernel.attached if name.startswith("veth")]
    whole.ok("PUT", "/topology", found, 200)
    assert whole.get("/topology?config") == found


def test_everything_at_once(whole):
    wanted = whole.get("/topology?config")
    b1, b2, m1 = wanted["cubes"][:3]
    b1["ports"] = [{"name": "z", "peer": "veth2"}, {"name": "x", "peer": "veth3"}]
    b2["ports"] = [{"name": "x", "peer": "veth1", "tcubes": ["m3"]}, {"name": "w", "peer": "n:w"}]
    b2["fdb"]["aging-time"] = 7
    del wanted["cubes"][5]
    wanted["cubes"].append(
        {"name": "n", "service-name": "simplebridge", "ports": [{"name": "w", "peer": "b2:w"}]}
    )
    wanted["attachments"] = [{"cube": "m2", "port": "veth1"}, {"cube": "m1", "port": "veth1"}]
    uuid = whole.polycube.cubes["b1"].uuid
    whole.ok("PUT", "/topology", wanted, 200)
    assert chains(whole) == {"b2:x": ["m3"], "veth1": ["m2", "m1"]}
    assert whole.get("/simplebridge/n/ports/w/status") == "UP"
    assert whole.get("/simplebridge/b2/fdb/aging-time") == 7
    assert whole.polycube.cubes["b1"].uuid == uuid
    assert "m4" not in whole.polycube.cubes
    assert m1["name"] == "m1"


def test_patch_leaves_what_it_does_not_name(whole):
    b2 = {"name": "b2", "service-name": "simplebridge", "loglevel": "WARN"}
    whole.ok("PATCH", "/cubes", [b2], 200)
    assert whole.get("/simplebridge/b2/ports")[:-1] == []  # exactly as described
    assert whole.get("/simplebridge/b1/ports/x/peer") == ""
    assert len(whole.polycube.cubes) == 6
    assert chains(whole) == {"b1:y": ["m1", "m2"], "veth2": ["m3", "m4"]}
    whole.ok("PATCH", "/topology", {"cubes": [], "attachments": [ATTACHED[1]]}, 200)
    assert chains(whole) == {"b1:y": ["m1", "m2"], "veth2": ["m4"]}


def test_put_of_cubes_leaves_chains_on_netdevs(whole):
    wanted = [cube for cube in whole.get("/topology?config")["cubes"] if cube["name"] != "b1"]
    wanted[0]["ports"][0]["peer"] = ""
    whole.ok("PUT", "/cubes", wanted, 200)
    assert chains(whole) == {"veth2": ["m3", "m4"]}
    assert list(whole.polycube.cubes) == ["b2", "m1", "m2", "m3", "m4"]


def test_what_cannot_be_changed_is_made_anew(whole):
    before = whole.polycube.cubes["m3"].uuid
    one = {"name": "b2", "service-name": "helloworld"}
    whole.ok("PATCH", "/cubes", [one], 200)
    assert whole.get("/cubes/b2")["service-name"] == "helloworld"
    kind = {"name": "b2", "service-name": "helloworld", "type": "XDP_SKB"}
    whole.ok("PATCH", "/cubes", [kind], 200)
    uuid = whole.get("/cubes/b2")["uuid"]
    whole.ok("PATCH", "/cubes", [one], 200)  # what is settled and not named stays
    assert whole.get("/cubes/b2")["type"] == "XDP_SKB"
    assert whole.get("/cubes/b2")["uuid"] == uuid
    assert whole.polycube.cubes["m3"].uuid == before


@pytest.mark.parametrize(
    ("extra", "status", "words"),
    [
        ({"name": "q", "service-name": "none"}, 404, "No service found"),
        ({"name": "q"}, 400, "which service?"),
        ({"name": "b1", "service-name": "simplebridge"}, 409, "two cubes named b1"),
        ({"name": "q", "service-name": "simplebridge", "ports": [{"name": "p", "peer": "no:x"}]},
         400, "there is no cube no"),
        ({"name": "q", "service-name": "simplebridge", "ports": [{"name": "p", "peer": "none"}]},
         400, "Interface none does not exist"),
        ({"name": "q", "service-name": "simplebridge", "ports": [{"name": "p", "tcubes": ["b1"]}]},
         400, "not transparent"),
        ({"name": "q", "service-name": "simplebridge", "ports": [{"name": "p", "tcubes": ["no"]}]},
         400, "No cube found named no"),
        (5, 400, "not an array of cubes"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_all_or_nothing(whole, verb, extra, status, words):
    found = whole.get("/topology?config")
    state = whole.get("/cubes")
    wanted = [{**found["cubes"][0], "ports": []}, *found["cubes"][2:], extra]
    error = whole.error(verb, "/topology", {"cubes": wanted, "attachments": []})
    assert error.status == status
    assert words in error.message
    assert whole.get("/topology?config") == found
    assert whole.get("/cubes") == state


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ([], "expected cubes and attachments"),
        ({"cubes": [], "more": 1}, "is not a member here"),
        ({"cubes": 1}, "not an array of cubes"),
        ({"cubes": [], "attachments": [1]}, "not an array of objects"),
        ({"cubes": [], "attachments": [{"cube": "m1"}]}, "not an array of objects"),
        ({"cubes": [], "attachments": {"cube": "m1", "port": ""}}, "not an array of objects"),
        ({"attachments": [{"cube": "m1", "port": "none"}]}, "does not exist"),
        ({"attachments": [{"cube": "m1", "port": "veth2"}] * 2}, "twice"),
    ],
)
def test_documents_that_are_none(whole, body, words):
    before = whole.get("/topology?config")
    error = whole.error("PATCH", "/topology", body)
    assert error.status == 400
    assert words in error.message
    assert whole.get("/topology?config") == before


def test_chains_by_request(api):
    api.ok("POST", "/cubes", [{"name": f"m{n}", "service-name": "maps"} for n in (1, 2, 3)])
    api.ok("POST", "/simplebridge/b", {"ports": [{"name": "p"}]})
    for body in ({"cube": "m1", "port": "b:p"}, {"cube": "m2", "port": "b:p", "position": "FIRST"},
                 {"cube": "m3", "port": "b:p", "after": "m2"}):  # fmt: skip
        api.ok("POST", "/attach", body, 200)
    assert chains(api) == {"b:p": ["m2", "m3", "m1"]}
    shown = api.get("/topology/b:p")
    assert shown["ingress service chain"] == "m1 ---> m3 ---> m2 ---> b:p"
    assert api.get("/cubes")["maps"][0]["parent"] == "b:p"
    port = api.get("/cubes")["simplebridge"][0]["ports"][0]
    assert port == {"name": "p", "peer": "", "tcubes": ["m2", "m3", "m1"]}
    assert api.get("/maps/m1/parent") == "b:p"
    for place in ("b:none", "none:p", "none", "%00"):
        error = api.error("GET", f"/topology/{place}")
        assert (error.status, error.path) == (404, f"/topology/{place}")
    error = api.error("POST", "/attach", {"cube": "m1", "port": "veth1"})
    assert error.status == 409
    error = api.error("POST", "/detach", {"cube": "m1", "port": "veth1"})
    assert error.status == 409
    api.ok("POST", "/detach", {"cube": "m1", "port": "b:p"}, 200)
    api.ok("POST", "/attach", {"cube": "m1", "port": "veth1"}, 200)
    assert api.get("/topology/veth1")["egress service chain"] == "m1 ---> stack"


@pytest.mark.parametrize(
    ("body", "status", "tag", "where"),
    [
        ({"cube": "m1"}, 400, "missing-attribute", "/attach/port"),
        ({"port": "veth1"}, 400, "missing-attribute", "/attach/cube"),
        ({"cube": 1, "port": "veth1"}, 400, "invalid-value", "/attach/cube"),
        ({"cube": "no", "port": "veth1"}, 404, "data-missing", ""),
        ({"cube": "b", "port": "veth1"}, 400, "invalid-value", "/simplebridge/b"),
        ({"cube": "m1", "port": "no:p"}, 400, "invalid-value", ""),
        ({"cube": "m1", "port": "veth1", "position": "top"}, 400, "invalid-value", "/maps/m1"),
        ({"cube": "m1", "port": "veth1", "position": 1}, 400, "invalid-value", "/attach/position"),
        ({"cube": "m1", "port": "veth1", "after": "no"}, 400, "invalid-value", "/maps/m1"),
        ({"cube": "m1", "port": "veth1", "after": "a", "before": "b"},
         400, "invalid-value", "/maps/m1"),
    ],
)  # fmt: skip
def test_what_cannot_be_attached(api, body, status, tag, where):
    api.ok("POST", "/maps/m1")
    api.ok("POST", "/simplebridge/b", {"ports": [{"name": "p"}]})
    error = api.error("POST", "/attach", body)
    assert (error.status, error.tag, error.path) == (status, tag, where)
    assert chains(api) == {}
