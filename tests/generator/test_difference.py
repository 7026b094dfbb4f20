"""What breaks for clients, by RFC 7950, section 11: each rule, in both directions."""

import json
import subprocess

import pytest

from polycube_generator import cli, difference

BREAKING, COMPATIBLE, DATA_PLANE = "breaking", "compatible", "data-plane"

RULES = [
    # what was, what is now, the level of that, the level of the way back, the words of that
    ("leaf x { type string; }", "", BREAKING, COMPATIBLE, "/x is gone"),
    ("", "leaf x { type string; mandatory true; }", BREAKING, BREAKING, "and mandatory"),
    ("", "container c { presence p; leaf x { type string; mandatory true; } }", COMPATIBLE,
     BREAKING, "/c is new"),
    ("", "list x { key k; min-elements 1; leaf k { type string; } }", BREAKING, BREAKING,
     "mandatory"),
    ("leaf x { type string; }", "leaf-list x { type string; }", BREAKING, BREAKING,
     "is a leaf-list, was a leaf"),
    ("leaf x { type uint8; }", "leaf x { type uint16; }", BREAKING, BREAKING, "is uint16"),
    ("leaf x { type uint8; }", "leaf x { type uint8 { range '1..9'; } }", BREAKING, COMPATIBLE,
     "range is 1..9, was 0..255"),
    ("leaf x { type uint8 { range '1..4 | 5..9'; } }", "leaf x { type uint8 { range '1..9'; } }",
     COMPATIBLE, COMPATIBLE, "range is 1..9"),
    ("leaf x { type uint8 { range '1..9'; } }", "leaf x { type uint8 { range '1..4|6..9'; } }",
     BREAKING, COMPATIBLE, "range is 1..4 | 6..9"),
    ("leaf x { type string; }", "leaf x { type string { length '1..5'; } }", BREAKING, COMPATIBLE,
     "length is 1..5"),
    ("leaf x { type string; }", "leaf x { type string { pattern 'a'; } }", BREAKING, COMPATIBLE,
     "matches a"),
    ("leaf x { type decimal64 { fraction-digits 2; } config false; }",
     "leaf x { type decimal64 { fraction-digits 2; range '0..9'; } config false; }", BREAKING,
     COMPATIBLE, "range is"),
    ("leaf x { type decimal64 { fraction-digits 2; } config false; }",
     "leaf x { type decimal64 { fraction-digits 3; } config false; }", BREAKING, BREAKING,
     "fraction-digits are 3, were 2"),
    ("leaf x { type enumeration { enum a; } }", "leaf x { type enumeration { enum a; enum b; } }",
     COMPATIBLE, BREAKING, "value b is new"),
    ("leaf x { type enumeration { enum a; enum b; } }",
     "leaf x { type enumeration { enum b; enum a; } }", BREAKING, BREAKING, "is number"),
    ("leaf x { type bits { bit a; } }", "leaf x { type bits { bit a; bit b; } }", COMPATIBLE,
     BREAKING, "bit b is new"),
    ("leaf x { type inet:ipv4-address; }", "leaf x { type inet:ip-address; }", COMPATIBLE,
     BREAKING, "is ip-address"),
    ("leaf x { type yang:mac-address; }", "leaf x { type inet:ip-address; }", BREAKING, BREAKING,
     "is ip-address"),
    ("leaf x { type uint8; }", "leaf x { type union { type uint8; type boolean; } }", COMPATIBLE,
     BREAKING, "takes uint8 or boolean"),
    ("leaf x { type union { type uint8; type boolean; } }",
     "leaf x { type union { type uint8; type boolean; type empty; } }", COMPATIBLE, BREAKING,
     "takes empty too"),
    ("leaf y { type string; } leaf x { type string; }",
     "leaf y { type string; } leaf x { type leafref { path '/y'; } }", BREAKING, COMPATIBLE,
     "is leafref to /y"),
    ("leaf x { type uint8; }", "leaf x { type uint8; default 3; }", COMPATIBLE, BREAKING,
     "default 3 is new"),
    ("leaf x { type uint8; default 3; }", "leaf x { type uint8; default 4; }", BREAKING, BREAKING,
     "default is 4, was 3"),
    ("leaf x { type uint8; }", "leaf x { type uint8; units s; }", COMPATIBLE, BREAKING, "units s"),
    ("leaf x { type uint8; }", "leaf x { type uint8; mandatory true; }", BREAKING, COMPATIBLE,
     "is mandatory"),
    ("leaf x { type uint8; }", "leaf x { type uint8; config false; }", BREAKING, COMPATIBLE,
     "is state now"),
    ("leaf x { type uint8; }", "leaf x { type uint8; base:init-only-config; }", BREAKING,
     COMPATIBLE, "only when it is created"),
    ("leaf y { type uint8; } leaf x { type uint8; }",
     "leaf y { type uint8; } leaf x { type uint8; must '. > 1'; }", BREAKING, COMPATIBLE,
     "must '. > 1' is new"),
    ("leaf y { type uint8; } leaf x { type uint8; }",
     "leaf y { type uint8; } leaf x { type uint8; when '../y > 1'; }", BREAKING, COMPATIBLE,
     "when '../y > 1' is new"),
    ("container c { leaf x { type uint8; } }", "container c { presence p; leaf x { type uint8; } }",
     BREAKING, BREAKING, "means something by itself"),
    ("list x { key k; leaf k { type string; } leaf l { type string; } }",
     "list x { key l; leaf k { type string; } leaf l { type string; } }", BREAKING, BREAKING,
     "key is l, was k"),
    ("list x { key k; leaf k { type string; } leaf l { type string; } }",
     "list x { key k; unique l; leaf k { type string; } leaf l { type string; } }", BREAKING,
     COMPATIBLE, "unique 'l' is new"),
    ("leaf-list x { type string; }", "leaf-list x { type string; max-elements 3; }", BREAKING,
     COMPATIBLE, "max-elements is 3, was unbounded"),
    ("leaf-list x { type string; min-elements 1; }",
     "leaf-list x { type string; min-elements 2; }", BREAKING, COMPATIBLE, "min-elements is 2"),
    ("leaf-list x { type string; }", "leaf-list x { type string; ordered-by user; }", BREAKING,
     BREAKING, "ordered by the user"),
    ("rpc x;", "rpc x { input { leaf y { type string; mandatory true; } } }", BREAKING, BREAKING,
     "/x/input/y is new, and mandatory"),
    ("rpc x;", "rpc x { output { leaf y { type string; mandatory true; } } }", COMPATIBLE,
     BREAKING, "/x/output/y is new"),
    ("leaf a { type string; } leaf b { type string; }",
     "choice c { leaf a { type string; } leaf b { type string; } }", BREAKING, None,
     "a and b exclude each other now (choice c)"),
    ("leaf x { type uint8; default 1; ebpf:map 'm'; }",
     "leaf x { type uint8; default 1; ebpf:map 'm2'; }", DATA_PLANE, DATA_PLANE, "map m is gone"),
    (("list x { key k; ebpf:map 'm' { ebpf:entries 4; } leaf k { type uint8; }"
     " leaf v { type uint8; default 1; } }"),
     ("list x { key k; ebpf:map 'm' { ebpf:entries 8; } leaf k { type uint8; }"
     " leaf v { type uint8; default 1; } }"), DATA_PLANE,
     DATA_PLANE, "map m has room for 8 entries, had 4"),
    (("list x { key k; ebpf:map 'm' { ebpf:entries 4; } leaf k { type uint8; }"
     " leaf v { type uint8; default 1; } }"),
     ("list x { key k; ebpf:map 'm' { ebpf:entries 4; } leaf k { type uint8; }"
     " leaf v { type uint8; default 1; "
     "ebpf:type 'u16'; } }"), DATA_PLANE, DATA_PLANE, "a restart carries entries over"),
    ("leaf x { type uint8; config false; base:name-metric 'm'; base:path-metric '$.x'; }",
     "leaf x { type uint8; config false; }", BREAKING, COMPATIBLE, "metric m is gone"),
]  # fmt: skip


def levels(models, old: str, new: str) -> tuple[set[str], str]:
    before, after = models.load(old), models.load(new)
    found = difference.compare([before], [after])
    return {one.level for one in found}, "\n".join(f"{one.path} {one.message}" for one in found)


@pytest.mark.parametrize(("old", "new", "level", "back", "words"), RULES)
def test_a_rule(models, old, new, level, back, words):
    found, told = levels(models, old, new)
    assert words in told
    worst = next(one for one in difference.LEVELS if one in found)
    assert worst == level, told
    if back is not None:
        found, told = levels(models, new, old)
        assert next(one for one in difference.LEVELS if one in found) == back, told


def test_what_clients_do_not_see_is_no_difference(models):
    old = "leaf x { type uint8; description 'one'; }"
    new = "typedef t { type uint8; } leaf x { type t; description 'two'; reference 'r'; }"
    assert levels(models, old, new) == (set(), "")


def test_a_service_that_is_gone_or_of_the_other_kind(models):
    (one, two) = models.load("", name="one"), models.load("", name="two")
    found = difference.compare([one], [two])
    assert [(one.level, one.message) for one in found] == [
        (BREAKING, "service one is gone"),
        (COMPATIBLE, "service two is new"),
    ]
    standard = models.load("", name="one", kind="standard")
    found = difference.compare([one], [standard])
    assert found[0].message == "is a standard service, was a transparent one"


@pytest.fixture
def run(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main(["diff", *map(str, arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_two_files_of_any_name(models, run, tmp_path):
    old, new = tmp_path / "old.yang", tmp_path / "new.yang"
    old.write_text(models.write("leaf x { type uint8; }").read_text())
    new.write_text(models.write("leaf y { type string; }\nleaf x { type int8; }").read_text())
    code, printed, _ = run(old, new)
    assert code == 1
    assert printed.splitlines() == [
        f"{new}:14: breaking: demo /x is int8, was uint8",
        f"{new}:14: breaking: demo /x range is -128..127, was 0..255",
        f"{new}:13: compatible: demo /y is new",
    ]
    code, printed, _ = run("--json", old, new)
    assert code == 1
    assert json.loads(printed)[0] == {
        "level": "breaking",
        "model": "demo",
        "path": "/x",
        "message": "is int8, was uint8",
        "file": str(new),
        "line": 14,
    }
    assert run(old, old) == (0, "nothing differs for clients\n", "")


def test_trouble_is_2(models, run, tmp_path):
    path = models.write("leaf x { type nothing; }")
    for other in (tmp_path / "none.yang", "HEAD:none", "-x:y"):
        code, printed, complaint = run("--", path, other)
        assert (code, printed) == (2, "")
        assert "error: " in complaint
    with pytest.raises(SystemExit) as stop:
        run(path)
    assert stop.value.code == 2


def git(folder, *words: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_a_revision_of_git(models, run, monkeypatch):
    path = models.write("leaf x { type uint8; }\nleaf y { type uint8; }")
    root = models.folder.parent
    git(root, "init")
    git(root, "add", "yang")
    git(root, "commit", "-m", "one")
    models.write("leaf x { type uint8; }")
    for folder, old, new in (
        (root, "HEAD:yang", "yang"),
        (root, "HEAD:yang/demo.yang", "yang/demo.yang"),
        (models.folder, "HEAD:demo.yang", "demo.yang"),
        (models.folder, "HEAD:", "."),
    ):
        monkeypatch.chdir(folder)
        code, printed, complaint = run(old, new)
        inner = old.removeprefix("HEAD:").removesuffix(path.name).rstrip("/")
        place = f"HEAD:{inner}/demo.yang" if inner else "HEAD:demo.yang"
        assert (code, complaint) == (1, "")
        assert printed == f"{place}:14: breaking: demo /y is gone\n"
    assert run("HEAD:none.yang", new)[0] == 2
