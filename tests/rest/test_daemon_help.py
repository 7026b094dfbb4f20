"""Help and completion of the root and of the daemon's own words."""

from collections.abc import Iterator

import pytest

from polycube_runtime.rest.help import daemon_help, one_help, root_help
from polycube_runtime.support.errors import InvalidValue
from tests.rest.asking import NETDEVS, Asker, asking

COMMANDS = ("NONE", "SHOW", "ADD", "SET", "DEL")


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    with asking() as asker:
        yield asker


def names(answer, member: str = "params") -> str:
    return " ".join(answer[member])


def test_the_root_lists_services(asker):
    params = root_help(asker.polycube, "NONE", completion=False)["params"]
    assert list(params) == ["helloworld", "simplebridge"]
    assert params["simplebridge"] == {
        "name": "simplebridge",
        "type": "leaf",
        "simpletype": "service",
        "description": "Simple L2 Bridge Service",
        "version": "1.0.0",
        "pyang_repo_id": "",
        "swagger_codegen_repo_id": "",
    }


def test_the_root_completes_everything_that_comes_first(asker):
    words = "connect disconnect attach detach services cubes topology netdevs"
    for command in COMMANDS:
        assert root_help(asker.polycube, command, completion=True) == [
            *words.split(),
            *("helloworld", "simplebridge"),
            *("br1", "br2", "hw1"),
        ]


@pytest.mark.parametrize("command", ["", "x", "NO_HELP"])
@pytest.mark.parametrize("completion", [True, False])
def test_the_root_refuses_other_words(asker, command, completion):
    with pytest.raises(InvalidValue, match="expected one of NONE"):
        root_help(asker.polycube, command, completion=completion)


ENDS = "br1:to_a br1:to_b hw1:p1 veth1 veth2"


@pytest.mark.parametrize(
    ("word", "command", "words"),
    [
        ("connect", "NONE", ENDS),
        ("disconnect", "NONE", ENDS),
        ("reload", "NONE", "cube="),
        ("cubes", "none", "br1 br2 hw1 add show"),
        ("cubes", "SHOW", "br1 br2 hw1"),
        ("cubes", "ADD", ""),
        ("services", "NONE", "helloworld simplebridge add del show"),
        ("services", "ADD", "type= uri= name="),
        ("services", "DEL", "helloworld simplebridge"),
        ("attach", "NONE", f"{ENDS} position= after= before="),
        ("detach", "NONE", ENDS),
        ("netdevs", "NONE", "veth1 veth2 show"),
        ("topology", "SHOW", "veth1 veth2"),
        ("version", "NONE", "show"),
    ],
)
def test_words_of_the_daemon(asker, word, command, words):
    found = daemon_help(asker.polycube, word, command, completion=True, netdevs=NETDEVS)
    assert " ".join(found) == words


def test_connect_without_netdevs_offers_all_ports(asker):
    assert daemon_help(asker.polycube, "connect", "NONE", completion=True) == ENDS.split()[:3]


@pytest.mark.parametrize(
    ("word", "params"),
    [
        ("connect", "peer1 peer2"),
        ("disconnect", "peer1 peer2"),
        ("reload", "cube"),
        ("detach", "cube port"),
    ],
)
def test_arguments_of_the_daemons_words(asker, word, params):
    answer = daemon_help(asker.polycube, word, "NONE", completion=False)
    assert names(answer) == params
    assert {item["type"] for item in answer["params"].values()} == {"key"}
    assert list(answer) == ["params"]


def test_listings_of_the_daemon(asker):
    def ask(word: str, command: str):
        return daemon_help(asker.polycube, word, command, completion=False, netdevs=NETDEVS)

    cubes = [{"name": "br1"}, {"name": "br2"}, {"name": "hw1"}]
    answer = ask("cubes", "NONE")
    assert answer["commands"] == ["add", "show"]
    assert answer["elements"] == cubes
    assert names(answer) == "name"
    assert ask("cubes", "SHOW")["elements"] == cubes
    assert ask("cubes", "ADD") == {"params": {}}
    assert names(ask("services", "ADD")) == "type uri name"
    assert ask("netdevs", "SHOW")["elements"] == [{"name": "veth1"}, {"name": "veth2"}]
    assert ask("version", "NONE") == {"commands": ["show"], "params": {}}


@pytest.mark.parametrize("completion", [True, False])
@pytest.mark.parametrize(
    ("word", "command"),
    [("connect", "SHOW"), ("cubes", "DEL"), ("netdevs", "ADD"), ("version", ""), ("topology", "x")],
)
def test_words_of_the_daemon_refuse_other_commands(asker, word, command, completion):
    with pytest.raises(InvalidValue, match="expected one of NONE"):
        daemon_help(asker.polycube, word, command, completion=completion, netdevs=NETDEVS)


def test_attach_takes_a_place_in_the_chain(asker):
    answer = daemon_help(asker.polycube, "attach", "NONE", completion=False)
    assert names(answer) == "cube port"
    assert list(answer["optional-params"]) == ["position", "after", "before"]


@pytest.mark.parametrize(
    ("word", "command", "words"),
    [
        ("services", "NONE", "show del"),
        ("cubes", "NONE", "show"),
        ("netdevs", "SHOW", ""),
    ],
)
def test_one_of_what_a_word_lists(word, command, words):
    assert " ".join(one_help(word, command, completion=True)) == words
    listed = words.split()
    expected = {"commands": listed, "params": {}} if listed else {"params": {}}
    assert one_help(word, command, completion=False) == expected
    with pytest.raises(InvalidValue, match="expected one of NONE"):
        one_help(word, "ADD", completion=True)
