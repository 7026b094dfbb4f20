"""The tree of a cube: nodes that a control plane serves, and nodes that are maps."""

import pytest

from polycube_runtime.core.model.place import resolve
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    InvalidValue,
    NotFound,
    OperationFailed,
)
from polycube_runtime.support.validate import Mode, validate, validate_entry
from tests.fakes import create
from tests.golden.packages.nodes.models import Chain, ChainAppendInput, ChainRule, Verdict

pytestmark = pytest.mark.anyio
PORT = {"name": "p1"}


class Session:
    """One cube, addressed as in URLs."""

    def __init__(self, polycube, cube) -> None:
        self.polycube, self.cube, self.control = polycube, cube, cube.control

    def place(self, template: str, *keys: str):
        return resolve(self.cube.service, f"/{{name}}/{template}", (self.cube.name, *keys))

    async def read(self, template: str, *keys: str):
        return await self.polycube.tree(self.cube).read(self.place(template, *keys))

    async def do(self, verb: str, template: str, *keys: str, value: object = None):
        """Change something; returns what the control plane was told."""
        place = self.place(template, *keys)
        tree = self.polycube.tree(self.cube)
        before = len(self.control.told)
        async with self.polycube.change() as undo:
            if verb == "delete":
                await tree.delete(place, undo)
            else:
                mode = Mode.UPDATE if verb == "update" else Mode.CREATE
                check = validate_entry if place.is_entry else validate
                if place.is_entry:
                    value = {**dict(zip(place.node.keys, place.key, strict=True)), **value}
                value = check(place.node, value, mode, place.path)
                await getattr(tree, verb)(place, value, undo)
        return self.control.told[before:]

    async def refused(self, error: type[Exception], match: str, *what, **more) -> None:
        """Do what must fail, and leave all as it was."""
        before, tables = await self.read(""), self.raw()
        with pytest.raises(error, match=match):
            await self.do(*what, **more)
        assert await self.read("") == before
        assert self.raw() == tables

    def raw(self) -> dict[str, list[tuple[bytes, bytes]]]:
        return {name: sorted(table.map.items()) for name, table in self.cube.tables.items()}


@pytest.fixture
async def nodes(polycube) -> Session:
    cube = await create(
        polycube, "nodes", "n1", ports=[PORT], server=["a"], chain=[{"name": "INGRESS"}]
    )
    return Session(polycube, cube)


@pytest.fixture
async def maps(polycube) -> Session:
    return Session(polycube, await create(polycube, "maps", "m1"))


async def test_a_new_cube_is_told_its_configuration_and_its_defaults(nodes):
    told = {hook: what for hook, *what in nodes.control.told}
    assert told["set_ports_mtu"] == ["p1", 1500]
    assert told["set_server"] == [["a"]]
    assert told["set_limit"] == ["unlimited"]
    assert str(told["set_ratio"][0]) == "0.5"
    assert told["add_chain"] == [Chain(name="INGRESS")]
    assert "set_mirror" not in told


async def test_reading_joins_configuration_and_state(nodes):
    whole = await nodes.read("")
    port = whole["ports"][0]
    assert list(whole)[:5] == ["name", "uuid", "type", "service-name", "loglevel"]
    assert {name: port[name] for name in ("name", "status", "peer", "mtu")} == {
        "name": "p1",
        "status": "DOWN",
        "peer": "",
        "mtu": 1500,
    }
    assert whole["uptime"] == {"seconds": 7}
    assert whole["chain"] == [{"name": "INGRESS", "hits": 7, "rule": []}]
    assert whole["neighbour"] == [{"address": "10.0.0.1"}, {}]
    assert whole["ratio"] == "0.5"
    assert "mirror" not in whole
    assert "class" not in whole


async def test_a_leaf_is_told_before_it_is_kept(nodes):
    assert await nodes.do("update", "class", value=3) == [("set_class_", 3)]
    assert await nodes.read("class") == 3
    assert await nodes.do("update", "class", value=3) == []
    nodes.control.refused = {"set_class_"}
    await nodes.refused(InvalidValue, "set_class_ says no", "update", "class", value=4)


async def test_a_leaf_of_a_port_is_told_with_the_port(nodes):
    assert await nodes.do("update", "ports/{n}/mtu", "p1", value=9000) == [
        ("set_ports_mtu", "p1", 9000)
    ]
    told = await nodes.do("update", "ports/{n}", "p1", value={"mtu": 100})
    assert told == [("set_ports_mtu", "p1", 100)]
    assert (await nodes.read("ports/{n}", "p1"))["mtu"] == 100


async def test_a_new_port_does_not_inherit_the_leaves_of_one_that_went(nodes):
    await nodes.do("create", "ports/{n}", "p2", value={"mtu": 68})
    await nodes.do("delete", "ports/{n}", "p2")
    await nodes.do("create", "ports/{n}", "p2", value={})
    assert await nodes.read("ports/{n}/mtu", "p2") == 1500


async def test_a_list_keeps_within_its_limits(nodes):
    await nodes.refused(OperationFailed, "at least 1 are needed", "delete", "ports/{n}", "p1")
    await nodes.refused(OperationFailed, "at least 1 are needed", "delete", "ports")
    many = [{"name": f"q{n}"} for n in range(8)]
    await nodes.refused(OperationFailed, "at most 8 are accepted", "update", "ports", value=many)
    await nodes.do("update", "ports", value=many[:7])
    await nodes.refused(OperationFailed, "at most 8", "create", "ports/{n}", "q7", value={})
    await nodes.do("replace", "ports", value=many)
    assert [port["name"] for port in await nodes.read("ports")] == [p["name"] for p in many]


async def test_what_is_settled_at_creation_cannot_be_changed(nodes):
    whole = {"ports": [PORT], "server": ["a"], "name": "n1", "ratio": "0.7"}
    await nodes.refused(InvalidValue, "/ratio: can be set only", "replace", "", value=whole)


async def test_entries_are_added_updated_and_removed_as_a_whole(nodes):
    rule = ("chain/{c}/rule/{r}", "INGRESS", "4")
    assert await nodes.do("create", *rule, value={"verdict": "drop"}) == [
        ("add_chain_rule", "INGRESS", ChainRule(id=4, verdict=Verdict.DROP))
    ]
    old = ChainRule(id=4, verdict=Verdict.DROP)
    new = ChainRule(id=4, verdict=Verdict.DROP, source_address="10.0.0.0/8")
    assert await nodes.do("update", *rule, value={"source-address": "10.0.0.0/8"}) == [
        ("update_chain_rule", "INGRESS", old, new)
    ]
    assert await nodes.do("update", "chain/{c}/rule/{r}/verdict", *rule[1:], value="PASS") == [
        ("update_chain_rule", "INGRESS", new, ChainRule(id=4, source_address="10.0.0.0/8"))
    ]
    assert await nodes.read("chain/{c}/rule/{r}/verdict", *rule[1:]) == "PASS"
    assert await nodes.do("replace", *rule, value={"verdict": "802.1Q"}) == [
        (
            "update_chain_rule",
            "INGRESS",
            ChainRule(id=4, source_address="10.0.0.0/8"),
            ChainRule(id=4, verdict=Verdict.V802_1Q),
        )
    ]
    assert await nodes.do("delete", *rule) == [
        ("remove_chain_rule", "INGRESS", ChainRule(id=4, verdict=Verdict.V802_1Q))
    ]
    assert await nodes.read("chain/{c}/rule", "INGRESS") == []


async def test_each_entry_is_told_of_once_and_by_its_own_hook(nodes):
    rules = [{"id": 1}, {"id": 2, "verdict": "DROP"}]
    told = await nodes.do("create", "chain/{c}", "EGRESS", value={"rule": rules})
    assert told == [
        ("add_chain", Chain(name="EGRESS")),
        ("add_chain_rule", "EGRESS", ChainRule(id=1)),
        ("add_chain_rule", "EGRESS", ChainRule(id=2, verdict=Verdict.DROP)),
    ]
    wanted = {"rule": [{"id": 2, "verdict": "PASS"}, {"id": 3}]}
    assert await nodes.do("replace", "chain/{c}", "EGRESS", value=wanted) == [
        ("remove_chain_rule", "EGRESS", ChainRule(id=1)),
        ("update_chain_rule", "EGRESS", ChainRule(id=2, verdict=Verdict.DROP), ChainRule(id=2)),
        ("add_chain_rule", "EGRESS", ChainRule(id=3)),
    ]
    assert [hook for hook, *_ in await nodes.do("delete", "chain")] == [
        "remove_chain",
        "remove_chain_rule",
        "remove_chain_rule",
        "remove_chain",
    ]


async def test_an_entry_that_is_new_in_an_update_gets_its_defaults(nodes):
    told = await nodes.do("update", "chain/{c}", "INGRESS", value={"rule": [{"id": 1}]})
    assert told == [("add_chain_rule", "INGRESS", ChainRule(id=1, verdict=Verdict.PASS))]
    rules = await nodes.read("chain/{c}/rule", "INGRESS")
    assert rules == [{"id": 1, "verdict": "PASS"}]


async def test_a_refused_hook_takes_back_what_went_before(nodes):
    await nodes.do("create", "chain/{c}/rule/{r}", "INGRESS", "1", value={})
    nodes.control.refused = {"add_chain_rule"}
    value = {"class": 5, "chain": [{"name": "INGRESS", "rule": [{"id": 9}]}, {"name": "NEW"}]}
    told = len(nodes.control.told)
    await nodes.refused(InvalidValue, "add_chain_rule says no", "update", "", value=value)
    assert nodes.control.told[told:] == [("set_class_", 5), ("set_class_", None)]
    nodes.control.refused = {"remove_chain"}
    told = len(nodes.control.told)
    rule = ("INGRESS", ChainRule(id=1, verdict=Verdict.PASS))
    nodes.control.refused = {"remove_chain"}
    await nodes.refused(InvalidValue, "remove_chain says no", "delete", "chain/{c}", "INGRESS")
    assert nodes.control.told[told:] == [("remove_chain_rule", *rule), ("add_chain_rule", *rule)]


async def test_the_order_of_entries_survives_a_roll_back(nodes):
    for name in ("b", "c", "d"):
        await nodes.do("create", "chain/{c}", name, value={})
    nodes.control.refused = {"add_chain"}
    left = [{"name": "c"}, {"name": "d"}, {"name": "e"}]
    whole = {"name": "n1", "ports": [PORT], "server": ["a"], "class": 1, "chain": left}
    with pytest.raises(InvalidValue, match="add_chain says no"):
        await nodes.do("replace", "", value=whole)
    names = [chain["name"] for chain in await nodes.read("chain")]
    assert names == ["INGRESS", "b", "c", "d"]


async def test_what_has_no_default_goes_where_it_is_not_named(nodes):
    await nodes.do("update", "class", value=3)
    whole = {"name": "n1", "ports": [PORT], "server": ["a"]}
    assert ("set_class_", None) in await nodes.do("replace", "", value=whole)


async def test_a_presence_container_comes_and_goes(nodes):
    await nodes.refused(DataMissing, "/mirror: it is not there", "delete", "mirror")
    await nodes.refused(DataMissing, "/mirror: ", "update", "mirror/to", value="p1")
    for template in ("mirror", "mirror/to"):
        with pytest.raises(NotFound, match="/nodes/n1/mirror: "):
            await nodes.read(template)
    told = await nodes.do("create", "mirror", value={"to": "p1"})
    assert told == [("set_mirror", True), ("set_mirror_to", "p1")]
    assert (await nodes.read(""))["mirror"] == {"to": "p1"}
    await nodes.do("create", "ports/{n}", "p2", value={})
    assert await nodes.do("update", "mirror/to", value="p2") == [("set_mirror_to", "p2")]
    assert await nodes.do("delete", "mirror") == [("set_mirror", False)]
    assert "mirror" not in await nodes.read("")


async def test_a_presence_container_that_an_update_creates_is_complete(nodes):
    await nodes.refused(Exception, "/mirror/to: is mandatory", "update", "", value={"mirror": {}})


async def test_a_presence_container_is_put_back_as_it_was(nodes):
    await nodes.do("create", "mirror", value={"to": "p1"})
    nodes.control.refused = {"add_chain_rule"}
    told = len(nodes.control.told)
    chain = [{"name": "INGRESS", "rule": [{"id": 1}]}]
    whole = {"name": "n1", "ports": [PORT], "server": ["a"], "chain": chain}
    await nodes.refused(InvalidValue, "add_chain_rule says no", "replace", "", value=whole)
    assert nodes.control.told[told:] == [
        ("set_mirror", False),
        ("set_mirror", True),
        ("set_mirror_to", "p1"),
    ]


async def test_a_reference_must_lead_somewhere(nodes):
    wrong = "/nodes/n1/mirror/to: 'p9' is not a value of /ports/name"
    await nodes.refused(InvalidValue, wrong, "create", "mirror", value={"to": "p9"})
    await nodes.do("create", "ports/{n}", "p2", value={})
    await nodes.do("create", "mirror", value={"to": "p2"})
    await nodes.refused(InvalidValue, "'p2' is not a value", "delete", "ports/{n}", "p2")


async def test_what_is_not_there_cannot_be_changed_and_what_is_cannot_be_created(nodes):
    there, rule = ("chain/{c}", "INGRESS"), ("chain/{c}/rule/{r}", "NONE", "1")
    await nodes.refused(DataExists, "exists already", "create", *there, value={})
    array = [{"name": "new"}, {"name": "INGRESS"}]
    await nodes.refused(DataExists, "/chain/INGRESS: ", "create", "chain", value=array)
    await nodes.refused(DataMissing, "/chain/X: ", "update", "chain/{c}", "X", value={})
    await nodes.refused(DataMissing, "/chain/X: ", "delete", "chain/{c}", "X")
    for verb in ("create", "update", "replace"):
        await nodes.refused(DataMissing, "/chain/NONE: ", verb, *rule, value={})
    with pytest.raises(NotFound, match="/nodes/n1/chain/NONE: "):
        await nodes.read(*rule)
    with pytest.raises(NotFound, match="/chain/INGRESS/rule/7: "):
        await nodes.read("chain/{c}/rule/{r}", "INGRESS", "7")
    assert await nodes.read("chain") == [{"name": "INGRESS", "hits": 7, "rule": []}]


async def test_an_action_gets_its_input_and_its_keys(nodes):
    tree, place = nodes.polycube.tree(nodes.cube), nodes.place("chain/{c}/append", "INGRESS")
    given = validate(place.node, {"option": [{"name": "x"}]}, Mode.CREATE, place.path)
    assert await tree.call(place, given) == {"id": 3}
    hook, chain, value = nodes.control.told[-1]
    assert (hook, chain) == ("chain_append", "INGRESS")
    assert isinstance(value, ChainAppendInput)
    assert value.option[0].name == "x"
    assert await tree.call(nodes.place("stop"), None) is None
    assert nodes.control.told[-1] == ("stop_",)
    with pytest.raises(DataMissing, match="/chain/NONE"):
        await tree.call(nodes.place("chain/{c}/append", "NONE"), given)


async def test_maps_hold_the_defaults_of_the_model(maps):
    whole = await maps.read("")
    assert whole["port-number"] == 80
    assert whole["label"] == ""
    assert whole["settings"] == {
        "enabled": True,
        "rate": 1000,
        "offset": -1,
        "gateway": "::",
        "router-mac": "00:00:00:00:00:00",
        "small": 0,
    }
    assert whole["slot"] == [{"index": n, "weight": 1} for n in range(8)]
    assert whole["timeout"] == 60


async def test_a_bound_container_is_written_at_once(maps):
    writes = []
    maps.polycube.kernel.refuse = writes.append
    value = {"enabled": False, "rate": 7, "comment": "hello"}
    assert await maps.do("update", "settings", value=value) == [("set_settings_comment", "hello")]
    assert writes == ["write settings"]
    settings = await maps.read("settings")
    assert (settings["enabled"], settings["rate"], settings["offset"]) == (False, 7, -1)
    assert settings["comment"] == "hello"
    assert await maps.do("update", "settings/small", value=200) == []
    assert (await maps.read("settings"))["small"] == 200


async def test_a_bound_container_goes_back_to_its_defaults(maps):
    await maps.do("update", "settings", value={"rate": 7, "small": 9})
    await maps.do("delete", "settings")
    assert (await maps.read("settings"))["rate"] == 1000
    assert await maps.read("settings/small") == 0


async def test_an_array_has_every_index_always(maps):
    await maps.refused(DataExists, "exists already", "create", "slot/{i}", "3", value={})
    await maps.do("update", "slot/{i}", "3", value={"weight": 500})
    await maps.do("update", "slot/{i}/weight", "4", value=600)
    await maps.do("replace", "slot/{i}", "5", value={"weight": 700})
    assert [slot["weight"] for slot in await maps.read("slot")] == [1, 1, 1, 500, 600, 700, 1, 1]
    await maps.do("delete", "slot/{i}", "3")
    assert await maps.read("slot/{i}", "3") == {"index": 3, "weight": 1}
    await maps.do("delete", "slot")
    assert {slot["weight"] for slot in await maps.read("slot")} == {1}


async def test_counters_of_each_cpu_are_summed(maps):
    await maps.do("create", "blacklist/{a}", "fd00::1", value={})
    table = maps.cube.tables["blacklist"].map
    ((key, value),) = table.items()
    assert len(value) == table.value_size == 2 * 16
    table.update(key, (5).to_bytes(8, "little").ljust(16, b"\0") + (7).to_bytes(16, "little"))
    assert await maps.read("blacklist/{a}/packets", "fd00::1") == 12
    assert await maps.read("blacklist") == [{"address": "fd00::1", "packets": 12, "drops": 0}]


async def test_a_prefix_is_itself_and_not_what_contains_it(maps):
    await maps.do("create", "route/{n}", "10.0.0.0/8", value={"next-hop": "1.1.1.1"})
    with pytest.raises(NotFound):
        await maps.read("route/{n}", "10.1.0.0/16")
    await maps.refused(DataMissing, "10.1.0.0%2F16", "delete", "route/{n}", "10.1.0.0/16")
    await maps.do("create", "route/{n}", "10.1.0.0/16", value={"next-hop": "2.2.2.2"})
    assert await maps.read("route/{n}/next-hop", "10.0.0.0/8") == "1.1.1.1"
    await maps.do("replace", "route", value=[{"network": "10.1.0.0/16", "next-hop": "3.3.3.3"}])
    assert await maps.read("route") == [{"network": "10.1.0.0/16", "next-hop": "3.3.3.3"}]


async def test_a_replaced_table_is_exactly_that(polycube):
    ports = [{"name": "a"}, {"name": "b"}]
    bridge = Session(polycube, await create(polycube, "simplebridge", "br1", ports=ports))
    bridge.cube.control.told = []
    mac = "02:00:00:00:00:0{}".format
    table = [{"address": mac(n), "port": "a"} for n in range(4)]
    await bridge.do("create", "fdb/entry", value=table)
    wanted = [{"address": mac(2), "port": "b"}, {"address": mac(3), "port": "a"}]
    wanted.append({"address": mac(7), "port": "a"})
    await bridge.do("replace", "fdb/entry", value=wanted)
    read = {entry["address"]: entry["port"] for entry in await bridge.read("fdb/entry")}
    assert read == {mac(2): "b", mac(3): "a", mac(7): "a"}
    bad = "/fdb/entry/02:00:00:00:00:09: 'zz' is not a port of this cube; it has: a, b"
    value = [{"address": mac(8), "port": "a"}, {"address": mac(9), "port": "zz"}]
    await bridge.refused(InvalidValue, bad, "update", "fdb/entry", value=value)
    await bridge.do("delete", "ports/{p}", "a")
    assert [entry["port"] for entry in await bridge.read("fdb/entry")] == ["b"]


async def test_an_address_that_was_learnt_becomes_static_when_it_is_set(polycube):
    cube = await create(polycube, "simplebridge", "br1", ports=[{"name": "a"}, {"name": "b"}])
    bridge = Session(polycube, cube)
    bridge.cube.control.told = []
    address = "02:00:00:00:00:01"
    cube.tables["fwdtable"].put({"address": address, "port": "a", "type": "dynamic", "age": 5})
    learnt = await bridge.read("fdb/entry/{a}", address)
    assert learnt == {"address": address, "port": "a", "type": "dynamic", "age": 5}
    await bridge.refused(InvalidValue, "zz", "update", "fdb/entry/{a}/port", address, value="zz")
    await bridge.do("update", "fdb/entry/{a}/port", address, value="b")
    entry = {"address": address, "port": "b", "type": "static"}
    assert await bridge.read("fdb/entry/{a}", address) == entry


async def test_what_is_too_old_is_gone(polycube):
    cube = await create(polycube, "simplebridge", "br1", ports=[{"name": "a"}])
    entry = {"address": "02:00:00:00:00:01", "port": "a", "type": "dynamic"}
    for age, seen in ((300, 1), (301, 0)):
        cube.tables["fwdtable"].put({**entry, "age": age})
        assert len(cube.tables["fwdtable"].entries()) == seen
        assert len(cube.tables["fwdtable"].map.items()) == seen
        cube.tables["fwdtable"].put({**entry, "age": age})
        assert (cube.tables["fwdtable"].get(entry) is None) is (not seen)
    assert cube.value("fdb/aging-time") == 300
