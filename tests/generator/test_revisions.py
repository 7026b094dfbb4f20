"""RFC 7950, section 11, rule by rule: what a new revision of a module may change, and what not.

Where the RFC forbids what no client can see, such as another name of a case, there is no finding;
where it allows what it cannot know to be weaker, such as another ``must``, it counts as breaking.
"""

from pathlib import Path

import pytest

from polycube_generator import cli, difference, schema

MODULE = """\
module demo {{
  yang-version 1.1; namespace "{namespace}"; prefix {prefix}; {more}
  revision {revision};
  {body}
}}
"""


def rules() -> list[tuple[str, str, str, list[str]]]:
    """Return the rules of the table: a name, the nodes before and after, what is told."""
    table = Path(__file__).with_name("revisions.txt").read_text("utf-8")
    found = []
    for block in table.split("\n# ")[1:]:
        name, *lines = block.splitlines()
        parts = {mark: [line[2:] for line in lines if line.startswith(mark)] for mark in "-+="}
        found.append((name, " ".join(parts["-"]), " ".join(parts["+"]), parts["="]))
    return found


RULES = rules()


@pytest.fixture
def load(tmp_path):
    """Write a module into a folder, and load it."""

    def load(folder: str, body: str, revision: str = "2020-01-01", **more: str):
        path = tmp_path / folder / "demo.yang"
        path.parent.mkdir(exist_ok=True)
        filled = {"namespace": "urn:demo", "more": "", "prefix": "d", **more}
        path.write_text(MODULE.format(body=body, revision=revision, **filled))
        return schema.load(path.parent)

    return load


def told(old, new) -> list[str]:
    found = difference.compare(old, new)
    return [" ".join(filter(None, (one.level, one.path, one.message))) for one in found]


@pytest.mark.parametrize(("old", "new", "expected"), [one[1:] for one in RULES],
                         ids=[one[0] for one in RULES])  # fmt: skip
def test_a_rule(load, old, new, expected):
    assert told(load("old", old), load("new", new, "2021-01-01")) == expected


def test_another_namespace_and_the_same_revision(load):
    old, new = load("old", "leaf x { type int8; }"), load("new", "", namespace="urn:other")
    assert told(old, new) == [
        "breaking namespace is urn:other, was urn:demo",
        "breaking /x is gone",
        "compatible revision is still 2020-01-01: what is published needs a new one",
    ]
    assert told(old, old) == []


def test_prefixes_may_be_renamed(load):
    body = """
      identity i; leaf s {{ type string; }} leaf t {{ type identityref {{ base i; }} }}
      leaf y {{ type int8; when "derived-from(../{0}:t, '{0}:i')"; must "../{0}:s = '{1}'"; }}
    """
    old = load("old", body.format("d", "z:a"))
    new = load("new", body.format("e", "z:a"), "2021-01-01", prefix="e")
    other = load("other", body.format("e", "z:b"), "2021-01-01", prefix="e")
    assert told(old, new) == []
    assert told(old, other) == [
        "breaking /y must \"../e:s = 'z:b'\" is new",
        "compatible /y must \"../d:s = 'z:a'\" is gone",
    ]


def test_what_deviations_take_away(load, tmp_path):
    old = load("old", "leaf x { type int8; } leaf y { type int8; }")
    load("new", "leaf x { type int8; } leaf y { type int8; }", "2021-01-01")
    (tmp_path / "new" / "dev.yang").write_text(
        'module dev { namespace "urn:dev"; prefix v; import demo { prefix d; }\n'
        "  deviation /d:x { deviate not-supported; }\n"
        "  deviation /d:y { deviate add { default 3; } deviate replace { config false; } }\n}\n"
    )
    assert told(old, schema.load(tmp_path / "new")) == [
        "breaking /x is gone",
        "breaking /y is state now, which cannot be written",
        "compatible /y default 3 is new",
    ]


def test_the_features_that_are_chosen(load, tmp_path, capsys):
    load("old", "feature f; leaf x { if-feature f; type int8; }")
    load("new", "feature f;", "2021-01-01")
    folders = [str(tmp_path / "old"), str(tmp_path / "new")]
    assert cli.main(["diff", *folders]) == 1
    assert "breaking: demo /x is gone" in capsys.readouterr().out
    assert cli.main(["diff", *folders, "--features", "demo:"]) == 0
    assert capsys.readouterr().out == "nothing differs for clients\n"


@pytest.mark.parametrize(
    ("new", "code"),
    [("leaf x { type int8; }", 0), ("leaf x { type int8; units s; }", 0), ("", 1), ("leaf x;", 2)],
)
def test_exit_codes_are_those_of_diff(load, tmp_path, new, code):
    load("old", "leaf x { type int8; }")
    (tmp_path / "new.yang").write_text(
        MODULE.format(body=new, revision="2021-01-01", namespace="urn:demo", more="", prefix="d")
    )
    assert cli.main(["diff", str(tmp_path / "old"), str(tmp_path / "new.yang")]) == code


def test_a_service_is_compared_with_its_rpcs_rules(models):
    old = models.load("rpc go { input { leaf a { type int8; } leaf b { type int8; } } }")
    new = models.load(
        "rpc go { input { must 'a > b'; choice c { leaf b { type int8; } case two {"
        " leaf a { type int8; } } } } }"
    )
    assert told([old], [new]) == [
        "breaking /go/input must 'a > b' is new",
        "breaking /go/input a and b exclude each other now (choice c)",
        "breaking /go/input order of nodes is b, a, was a, b",
    ]
