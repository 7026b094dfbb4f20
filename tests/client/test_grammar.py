"""Words of a command line, sorted by `polycube_client.grammar`."""

import pytest

from polycube_client.errors import UsageError
from polycube_client.grammar import parse

SHAPES = [
    ("del helloworld hw0", "del", "helloworld hw0", ""),
    ("hw1 del", "del", "hw1", ""),
    ("show cubes", "show", "cubes", ""),
    ("cubes show", "show", "cubes", ""),
    ("hw1 ports add p1 peer=veth1", "add", "hw1 ports p1", "peer=veth1"),
    ("br1 ports del p1", "del", "br1 ports p1", ""),
    ("fw chain INGRESS show rule 0", "show", "fw chain INGRESS rule 0", ""),
    ("fw chain INGRESS append src=10.0.0.1 action=DROP", "", "fw chain INGRESS append",
     "src=10.0.0.1 action=DROP"),
    ("r1 route add 10.0.2.0/24 10.0.1.2", "add", "r1 route 10.0.2.0/24 10.0.1.2", ""),
    ("dm set filter=tcp[13]==2", "set", "dm", "filter=tcp[13]==2"),
    ("br1 ports p1 set peer=", "set", "br1 ports p1", "peer="),
]  # fmt: skip


@pytest.mark.parametrize(("words", "command", "path", "parameters"), SHAPES)
def test_words_are_sorted_wherever_the_command_stands(
    words: str, command: str, path: str, parameters: str
) -> None:
    line = parse(words.split())
    assert line.command == command
    assert line.path == path.split()
    assert ["=".join(pair) for pair in line.parameters] == parameters.split()
    assert not line.wants_help


def test_a_final_question_mark_asks_for_help() -> None:
    line = parse(["br1", "ports", "add", "?"])
    assert (line.command, line.path, line.wants_help) == ("add", ["br1", "ports"], True)


@pytest.mark.parametrize(
    ("flags", "form", "depth", "hidden"),
    [
        ("", "text", 2, set()),
        ("-brief", "text", 1, set()),
        ("-normal", "text", 2, set()),
        ("-verbose", "text", 3, set()),
        ("-json", "json", 2, set()),
        ("--yaml", "yaml", 2, set()),
        ("-json -brief", "text", 1, set()),
        ("-tree", "tree", 2, set()),
        ("--dot", "dot", 2, set()),
        ("-mermaid", "mermaid", 2, set()),
        ("-hide=uuid,ports.peer -hide=type", "text", 2, {"uuid", "ports.peer", "type"}),
    ],
)
def test_flags_choose_the_view(flags: str, form: str, depth: int, hidden: set[str]) -> None:
    view = parse(["br1", "show", *flags.split()]).view
    assert (view.form, view.depth, view.hidden) == (form, depth, frozenset(hidden))


def test_what_a_file_is_called_is_the_word_behind_f() -> None:
    line = parse(["apply", "-f", "a.yaml", "-f=b=1.yaml", "-f", "-", "-prune", "--dry-run"])
    assert line.files == ["a.yaml", "b=1.yaml", "-"]
    assert line.switches == {"prune", "dry-run"}
    assert (line.path, line.parameters) == (["apply"], [])
    assert parse(["apply", "-f"]).files == [""]


@pytest.mark.parametrize(
    ("flag", "interval"), [("-watch", 0), ("--watch=2", 2), ("-watch=.5", 0.5)]
)
def test_watch_may_have_an_interval(flag: str, interval: float) -> None:
    line = parse(["br1", "show", flag])
    assert (line.switches, line.interval) == ({"watch"}, interval)


def test_flags_of_one_line_do_not_leak_into_the_next() -> None:
    parse(["br1", "show", "-json", "-hide=uuid"])
    view = parse(["br1", "show"]).view
    assert (view.form, view.hidden) == ("text", frozenset())


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["add", "br1", "del"], "'add' and 'del' on one line; only one command is possible"),
        (["br1", "peer=veth1", "ports"], "'ports' follows 'peer=…'; path words and commands come"),
        (["br1", "peer=veth1", "add"], "'add' follows 'peer=…'"),
        (["br1", "=veth1"], "'=veth1': a parameter is written key=value"),
        (["br1", "?", "show"], "'show' follows '?', which must be the last word"),
        (["br1", "-jsn"], "unknown flag '-jsn'; the flags are -brief -normal"),
        (["br1", "-hide"], "unknown flag '-hide'"),
        (["br1", "-json=1"], "unknown flag '-json=1'"),
        (["br1", "-prune=yes"], "unknown flag '-prune=yes'"),
        (["br1", "-watch=0"], "'-watch=0': expected seconds above 0, as in -watch=2"),
        (["br1", "-watch=-1"], "'-watch=-1'"),
        (["br1", "-watch=x"], "'-watch=x'"),
        (["br1", "-watch=²"], "'-watch=²'"),
        (["br1", "ports", "del", ""], "is a shell variable unset"),
    ],
)
def test_nonsense_is_refused_by_name(words: list[str], names: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words)
    assert names in str(caught.value)
