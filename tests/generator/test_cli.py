"""The command, from the outside: what it prints, what it returns, what it leaves."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from polycube_generator import cli, names, publish, resources, scaffold
from polycube_generator.problems import GeneratorError
from polycube_runtime.core.words import RESERVED

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(capsys):
    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_build_then_check_is_clean(models, run, tmp_path):
    models.write("leaf x { type string; }")
    out = tmp_path / "out"
    code, printed, _ = run("build", "--yang", models.folder, "--out", out)
    assert code == 0
    assert f"wrote {out}/demo/nodes.py" in printed
    code, printed, _ = run("check", "--yang", models.folder, "--out", out)
    assert code == 0
    assert printed.startswith("nothing would change")


def test_check_shows_the_difference_and_what_mends_it(models, run, tmp_path):
    models.write("leaf x { type string; }")
    out = tmp_path / "out"
    run("build", "--yang", models.folder, "--out", out)
    models.write("leaf y { type string; }")
    code, printed, complaint = run("check", "--yang", models.folder, "--out", out)
    assert code == 1
    assert '+            "y",' in printed or '+        Leaf("y"' in printed
    assert f"mend it with: polycube-gen build --yang {models.folder} --out {out}" in complaint


def test_build_of_one_service_leaves_the_others(models, run, tmp_path):
    models.write("", name="one")
    models.write("", name="two")
    out = tmp_path / "out"
    run("build", "--yang", models.folder, "--out", out)
    code, printed, _ = run("build", "two", "--yang", models.folder, "--out", out)
    assert code == 0
    assert printed.startswith("nothing changed")
    assert (out / "one" / "nodes.py").is_file()


def test_all_errors_are_told_with_their_lines_and_nothing_is_written(models, run, tmp_path):
    nowhere = "leads nowhere: YANG data has no such nodes"
    one = models.write('leaf x { type int8; ebpf:type "u8"; }', name="one")
    two = models.write("leaf y { type int8; must 'namespace::y'; }", name="two")
    code, printed, complaint = run("build", "--yang", models.folder, "--out", tmp_path / "out")
    assert (code, printed) == (1, "")
    assert complaint.splitlines() == [
        f"{one}:13:31: error: ebpf:type has no effect here: the leaf is in no map",
        '  13 | leaf x { type int8; ebpf:type "u8"; }',
        "     |                               ^^^^",
        f"{two}:13:27: error: must 'namespace::y': axis namespace {nowhere}",
        "  13 | leaf y { type int8; must 'namespace::y'; }",
        "     |                           ^^^^^^^^^^^^",
        "2 errors",
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("build", "nothing", "--out", "out"), "there is no model of nothing; there are demo"),
        (("tree", "nothing"), "there is no model of nothing; there are demo"),
    ],
)
def test_a_service_that_is_not_there(models, run, arguments, advice):
    models.write("")
    code, _, complaint = run(*arguments, "--yang", models.folder)
    assert code == 1
    assert advice in complaint


def test_a_file_for_a_folder(models, run, tmp_path):
    path = models.write("")
    code, _, complaint = run("check", "--yang", path, "--out", tmp_path)
    assert code == 1
    assert complaint == f"{path}: error: is a file; --yang names the folder with the models\n"


@pytest.mark.parametrize(
    ("content", "advice"),
    [(None, "cannot be read: No such file"), (b"\xe9", "is not in UTF-8, as YANG is")],
)
def test_a_model_to_begin_with_that_cannot_be_read(run, tmp_path, content, advice):
    path = tmp_path / "m.yang"
    if content is not None:
        path.write_bytes(content)
    code, _, complaint = run("new", "my-m", "--from", path, "--path", tmp_path / "new")
    assert code == 1
    assert complaint.startswith(f"{path}: error: {advice}")
    assert not (tmp_path / "new").exists()


def test_a_model_with_extensions_among_its_revisions(run, tmp_path):
    (tmp_path / "ext.yang").write_text(
        'module ext {\n namespace "urn:ext"; prefix e; extension version { argument v; } }'
    )
    path = tmp_path / "m.yang"
    path.write_text(
        'module m {\n  namespace "urn:m";\n  prefix m;\n  import ext { prefix e; }\n'
        '  e:version "1.0";\n  revision 2020-01-01;\n  leaf x { type int8; }\n}\n'
    )
    assert run("new", "my-m", "--from", path, "--path", tmp_path / "new")[0] == 0
    assert (tmp_path / "new" / "yang" / "ext.yang").is_file()


def test_a_folder_that_is_not_there(run, tmp_path):
    code, _, complaint = run("check", "--yang", tmp_path / "none", "--out", tmp_path)
    assert code == 1
    assert "there is no such folder; --yang names the folder with the models" in complaint


def test_a_model_that_is_no_text(models, run, tmp_path):
    (models.folder / "bad.yang").write_bytes(b"\xff\xfe\x00")
    code, _, complaint = run("build", "--yang", models.folder, "--out", tmp_path / "out")
    assert code == 1
    assert (
        "bad.yang: error: is not in UTF-8, as YANG is: invalid start byte at octet 0" in complaint
    )


@pytest.mark.parametrize("arguments", [("nonsense",), ("new",), ("build", "--yang", "x")])
def test_misuse_is_2(run, arguments):
    with pytest.raises(SystemExit) as stop:
        run(*arguments)
    assert stop.value.code == 2


def test_the_repository_is_up_to_date(run):
    generated = REPOSITORY / "generated" / "polycube_generated"
    assert run("check", "--yang", REPOSITORY / "yang", "--out", generated)[0] == 0


def test_tree_shows_types_defaults_and_maps(models, run):
    models.write('leaf x { type uint8; default 7; ebpf:map "m"; } rpc go;')
    code, printed, _ = run("tree", "demo", "--yang", models.folder)
    assert code == 0
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "+--rw x? uint8 = 7 [m]" in lines
    assert "+---x go" in lines
    assert "m array, 1 entries, key 4 bytes, value 1 bytes" in lines


@pytest.fixture
def repository(tmp_path) -> Path:
    """Return something that looks like ours."""
    root = tmp_path / "repository"
    (root / "services" / "polycube_services").mkdir(parents=True)
    (root / "pyproject.toml").write_text(
        '[project.entry-points."polycube.services"]\nzebra = "z:Z"\n\n[tool.x]\ny = 1\n',
        encoding="utf-8",
    )
    return root


@pytest.mark.parametrize(
    ("flags", "sources"), [((), ["datapath.c"]), (("--transparent",), ["egress.c", "ingress.c"])]
)
def test_new_writes_a_service_that_builds(run, repository, flags, sources):
    code, printed, complaint = run("new", "my-filter", *flags, "--path", repository)
    assert (code, complaint) == (0, "")
    package = repository / "services" / "polycube_services" / "my_filter"
    assert sorted(path.name for path in package.iterdir()) == ["__init__.py", *sources]
    assert "class MyFilter(MyFilterBase):" in (package / "__init__.py").read_text("utf-8")
    assert (repository / "tests" / "services" / "test_my_filter.py").is_file()
    generated = repository / "generated" / "polycube_generated"
    assert (generated / "my_filter" / "maps.h").is_file()
    yang = repository / "yang"
    assert run("check", "--yang", yang, "--out", generated)[0] == 0
    assert "registered in" in printed
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["polycube.services"] == {
        "my-filter": "polycube_services.my_filter:MyFilter",
        "zebra": "z:Z",
    }
    assert project["tool"] == {"x": {"y": 1}}


def test_new_elsewhere_makes_a_package_and_says_what_to_add(run, tmp_path):
    code, printed, _ = run("new", "probe", "--path", tmp_path)
    assert code == 0
    assert 'probe = "probe:Probe"' in printed
    assert "from probe._generated.probe import ProbeBase" in (
        tmp_path / "probe" / "__init__.py"
    ).read_text("utf-8")
    assert (tmp_path / "probe" / "_generated" / "probe" / "nodes.py").is_file()


def test_new_never_overwrites(run, repository):
    source = repository / "services" / "polycube_services" / "mine" / "datapath.c"
    source.parent.mkdir()
    source.write_text("mine", encoding="utf-8")
    code, _, complaint = run("new", "mine", "--path", repository)
    assert code == 1
    assert f"{source}: error: is there already; new never overwrites" in complaint
    assert source.read_text("utf-8") == "mine"
    assert not (repository / "yang").exists()


@pytest.mark.parametrize("name", ["My", "a_b", "1st", "-x", "class", "a--b", "../up", "int"])
def test_new_refuses_a_name_that_is_no_package(run, repository, name):
    code, _, complaint = run("new", "--path", repository, "--", name)
    assert code == 1
    assert "cannot name a service" in complaint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{t}\na = "1"\nc = "3"\n', '{t}\na = "1"\nb = "2"\nc = "3"\n'),
        ("{t}\n", '{t}\nb = "2"\n'),
        ("{t}\n\n[x]\ny = 1\n", '{t}\nb = "2"\n\n[x]\ny = 1\n'),
        ('{t}\nb = "2"\n\n[x]\n', '{t}\nb = "2"\n\n[x]\n'),
    ],
)
def test_an_entry_point_takes_its_place(text, expected):
    table = '[project.entry-points."polycube.services"]'
    changed = scaffold.with_entry_point(text.replace("{t}", table), 'b = "2"')
    assert changed == expected.replace("{t}", table)


def test_a_project_without_the_table_is_left_alone():
    assert scaffold.with_entry_point("[project]\n", 'b = "2"') is None


def test_the_folders_of_the_checkout_are_found():
    assert resources.checkout() in {REPOSITORY, None}
    assert (resources.models() / "helloworld.yang").is_file()
    assert (resources.templates() / "nodes.py.j2").is_file()
    assert (resources.standard_models() / "ietf" / "ietf-inet-types.yang").is_file()


def test_what_somebody_put_beside_the_packages_is_seen(models, run, tmp_path):
    models.write("")
    out = tmp_path / "out"
    run("build", "--yang", models.folder, "--out", out)
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    for command in ("check", "build"):
        code, _, complaint = run(command, "--yang", models.folder, "--out", out)
        assert code == 1
        assert f"{out}/notes.txt: error: is not generated" in complaint


def test_what_somebody_put_into_the_room_is_seen(tmp_path):
    for name in ("polycube_generated", ".mypy_cache", "__pycache__", "scratch"):
        (tmp_path / name).mkdir()
    with pytest.raises(GeneratorError) as failure:
        publish.strangers(tmp_path, {"polycube_generated"})
    assert [problem.place.file for problem in failure.value.problems] == [str(tmp_path / "scratch")]


def test_openapi_is_the_document_that_build_writes(models, run, tmp_path):
    models.write("leaf x { type string; }")
    run("build", "--yang", models.folder, "--out", tmp_path / "out")
    code, printed, _ = run("openapi", "demo", "--yang", models.folder)
    assert code == 0
    built = json.loads((tmp_path / "out/demo/openapi.json").read_text("utf-8"))
    built.pop("x-generated-from")
    assert json.loads(printed) == built


def test_openapi_of_what_is_no_service(run, tmp_path):
    (tmp_path / "plain.yang").write_text(
        'module plain { namespace "urn:plain"; prefix p; leaf x { type string; } }', "utf-8"
    )
    code, _, complaint = run("openapi", "plain", "--yang", tmp_path)
    assert code == 1
    assert "is no service" in complaint


def test_docs_are_written_where_they_are_wanted_and_stale_ones_go(models, run, tmp_path):
    one = models.write("leaf x { type string; }", name="one")
    models.write("", name="two")
    out = tmp_path / "pages"
    assert run("docs", "--yang", models.folder, "--out", out)[0] == 0
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "one.md", "two.md"]
    one.unlink()
    code, printed, _ = run("docs", "--yang", models.folder, "--out", out)
    assert code == 0
    assert f"removed {out}/one.md" in printed
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "two.md"]


@pytest.mark.parametrize("name", sorted(names.INTERFACE_WORDS))
def test_new_refuses_a_word_of_the_interface(run, tmp_path, name):
    code, _, complaint = run("new", name, "--path", tmp_path)
    assert code == 1
    assert "is a word of the REST interface" in complaint
    assert not list(tmp_path.iterdir())


def test_the_words_of_the_daemon_and_the_client_are_known_here():
    assert RESERVED <= names.INTERFACE_WORDS
    assert {"add", "set", "show", "del"} <= names.INTERFACE_WORDS


@pytest.mark.parametrize("name", sorted(names.INTERFACE_WORDS))
def test_build_refuses_a_word_of_the_interface_too(models, run, tmp_path, name):
    path = models.write("", name=name)
    code, _, complaint = run("build", "--yang", models.folder, "--out", tmp_path / "out")
    assert code == 1
    message = f"{name!r} is a word of the REST interface and of polycubectl; take another"
    assert complaint.splitlines()[0] == f"{path}:10:22: error: {message}"


def test_every_command_that_writes_tells_it_as_json(models, run, tmp_path):
    models.write("leaf x { type string; }")
    where = ("--yang", models.folder, "--json", "--out")
    for command, file in (("docs", "demo.md"), ("client", "demo.py"), ("build", "demo/nodes.py")):
        out = tmp_path / command
        code, printed, complaint = run(command, *where, out)
        done = json.loads(printed)
        assert (code, complaint, done["problems"], done["removed"]) == (0, "", [], [])
        assert f"{out}/{file}" in done["written"]
        assert json.loads(run(command, *where, out)[1])["written"] == []
    new = ("new", "probe", "--path", tmp_path / "new", "--json")
    code, printed, _ = run(*new)
    done = json.loads(printed)
    assert f"{tmp_path}/new/yang/probe.yang" in done["written"]
    assert (code, done["registered"]) == (0, False)
    assert done["entry-point"].endswith('probe = "probe:Probe"')
    code, printed, complaint = run(*new)
    assert (code, complaint) == (1, "")
    assert len(json.loads(printed)["problems"]) == 4


def test_json_is_for_programs(models, run, tmp_path):
    out = tmp_path / "out"
    where = ("--yang", models.folder, "--out", out, "--json")
    path = models.write("leaf x { type string; }")
    code, printed, _ = run("build", *where)
    done = json.loads(printed)
    assert (code, done["problems"], done["removed"]) == (0, [], [])
    assert f"{out}/demo/nodes.py" in done["written"]
    assert json.loads(run("check", *where)[1]) == {"problems": [], "stale": []}
    (out / "demo" / "nodes.py").unlink()
    code, printed, complaint = run("check", *where)
    assert (code, complaint) == (1, "")
    assert json.loads(printed) == {"problems": [], "stale": [f"{out}/demo/nodes.py"]}
    models.write("leaf x { type nothing; }")
    for command in ("build", "check"):
        code, printed, complaint = run(command, *where)
        assert (code, complaint) == (1, "")
        (problem,) = json.loads(printed)["problems"]
        assert problem == {
            "file": str(path),
            "line": 13,
            "column": 15,
            "end-column": 22,
            "message": 'type "nothing" not found in module "demo"',
        }


@pytest.mark.parametrize(
    ("terminal", "environment", "coloured"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": ""}, True),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    models, run, tmp_path, monkeypatch, terminal, environment, coloured
):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    models.write("leaf x { type nothing; }")
    _, _, complaint = run("build", "--yang", models.folder, "--out", tmp_path / "out")
    assert ("\x1b[" in complaint) == coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", complaint)
    assert plain.endswith(
        'demo.yang:13:15: error: type "nothing" not found in module "demo"\n'
        "  13 | leaf x { type nothing; }\n"
        "     |               ^^^^^^^\n"
    )
