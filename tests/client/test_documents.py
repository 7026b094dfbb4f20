"""Files that describe cubes, in every form there is."""

import io
import json
from pathlib import Path

import pytest

from polycube_client.documents import cubes_of, gather
from polycube_client.errors import UsageError

BR1 = {"name": "br1", "service-name": "simplebridge", "fdb": {"aging-time": 60}}
FW1 = {"name": "fw1", "service-name": "nat", "parent": "veth9"}
AT = {"cube": "fw1", "port": "veth9"}
LINKS = [{"rel": "self", "href": "//127.0.0.1:9000/"}]


@pytest.mark.parametrize(
    ("document", "cubes"),
    [
        ({"cubes": [BR1, FW1], "attachments": [AT]}, [BR1, FW1]),
        ({"cubes": [BR1]}, [BR1]),
        ({"attachments": [AT]}, []),
        ([BR1, FW1], [BR1, FW1]),
        ([], []),
        (BR1, [BR1]),
        ({"simplebridge": [{"name": "br1"}]}, [{"name": "br1", "service-name": "simplebridge"}]),
        ({"simplebridge": [BR1], "nat": [FW1]}, [BR1, FW1]),
        # A service may have any name but those that the form itself needs.
        ({"cubes": [BR1], "nat": [FW1]}, [BR1, FW1]),
    ],
)
def test_every_form_holds_its_cubes(document: object, cubes: list[object]) -> None:
    assert cubes_of(document, "x.yaml") == cubes


@pytest.mark.parametrize(
    "document", [None, {}, "text", 5, ["br1"], {"cubes": "br1"}, {"name": "br1"}, {"nat": [5]}]
)
def test_what_holds_no_cubes_is_refused_with_the_forms(document: object) -> None:
    with pytest.raises(UsageError) as caught:
        cubes_of(document, "x.yaml")
    assert str(caught.value) == (
        "x.yaml: expected what `polycubectl export` prints, a list of cubes, or one cube"
    )


def test_files_of_both_languages_are_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.yaml").write_text("\ufeffcubes:\n- name: br1\n  service-name: simplebridge\n")
    (tmp_path / "b.json").write_text(json.dumps([{**FW1, "_links": LINKS}, ["_links", LINKS]]))
    raw = json.dumps({"attachments": [AT]}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert gather([str(tmp_path / "a.yaml"), str(tmp_path / "b.json"), "-"]) == {
        "cubes": [{"name": "br1", "service-name": "simplebridge"}, FW1],
        "attachments": [AT],
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[{name: br1, service-name: a}, {name: br1, service-name: b}]",
            "'br1' is described twice",
        ),
        ("[{service-name: a}]", "a cube has no name"),
        ("a: [1", "is neither JSON nor YAML: line 2, column 1"),
    ],
)
def test_nonsense_is_refused_with_the_file(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        gather([str(file)])
    assert str(caught.value).startswith(f"{file}")
    assert problem in str(caught.value)


def test_files_that_cannot_be_read_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*/none: No such file or directory"):
        gather([f"{tmp_path}/none"])
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        gather([str(tmp_path)])
    (tmp_path / "x").write_bytes(b"ab\xff")
    with pytest.raises(UsageError, match=r"x is not UTF-8 text \(byte 2\)"):
        gather([str(tmp_path / "x")])
    monkeypatch.setattr("sys.stdin", None)  # closed, as by `<&-`
    with pytest.raises(UsageError, match=r"^standard input: expected what"):
        gather(["-"])
