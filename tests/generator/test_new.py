"""`new --from`: a service of whatever module there is, and of what that needs."""

from pathlib import Path

import pytest

from polycube_generator import cli, resources, schema, sources

ONE_LINE = """\
module m { namespace "urn:m"; prefix m; import ty { prefix t; } leaf a { type t:x; } leaf b { type
  t:x; } /* tail */ list c { key k; leaf k { type int8; } } }
// the end of "m" }
"""
TYPES = 'module ty { namespace "urn:ty"; prefix t; revision %s; typedef x { type %s; } }\n'


@pytest.fixture
def new(tmp_path, capsys):
    """Begin a service with the model ``m.yang`` in the folder."""

    def new(*more: object) -> tuple[int, str]:
        arguments = ["new", "svc", "--from", tmp_path / "m.yang", "--path", tmp_path / "out"]
        code = cli.main([str(one) for one in (*arguments, *more)])
        return code, capsys.readouterr().err

    return new


def made(tmp_path: Path) -> dict[str, str]:
    """Return the types of the leaves at the top of what was made."""
    (service,) = schema.load(tmp_path / "out" / "yang", ["svc"])
    return {
        node.name: str(getattr(node.type, "bits", ""))
        for node in service.children
        if not node.base and hasattr(node, "type")
    }


def test_a_module_in_one_line(tmp_path, new):
    (tmp_path / "m.yang").write_text(ONE_LINE)
    (tmp_path / "ty.yang").write_text(TYPES % ("2020-01-01", "int8"))
    assert new() == (0, "")
    assert made(tmp_path) == {"a": "8", "b": "8"}
    text = (tmp_path / "out" / "yang" / "svc.yang").read_text()
    assert text.startswith('module svc { namespace "http://polycube.network/svc"; prefix m; \n')
    assert text.endswith(ONE_LINE[ONE_LINE.index("leaf a") :])


def test_imports_come_from_the_folders_that_are_named(tmp_path, new):
    (tmp_path / "m.yang").write_text(ONE_LINE)
    for folder, type_ in (("one", "int16"), ("two", "int32")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ty.yang").write_text(TYPES % ("2020-01-01", type_))
    code, complaint = new()
    assert code == 1
    assert 'm.yang:1:48: error: module "ty" not found in search path\n' in complaint
    assert not (tmp_path / "out").exists()
    assert new("--yang", tmp_path / "one", "--yang", tmp_path / "two") == (0, "")
    assert made(tmp_path) == {"a": "16", "b": "16"}


@pytest.mark.parametrize(("asked", "bits"), [("revision-date 2020-01-01;", "8"), ("", "16")])
def test_the_revision_that_is_asked_for(tmp_path, new, asked, bits):
    model = ONE_LINE.replace("prefix t; }", f"prefix t; {asked} }}")
    (tmp_path / "m.yang").write_text(model)
    (tmp_path / "ty@2020-01-01.yang").write_text(TYPES % ("2020-01-01", "int8"))
    (tmp_path / "ty@2021-01-01.yang").write_text(TYPES % ("2021-01-01", "int16"))
    assert new() == (0, "")
    assert made(tmp_path) == {"a": bits, "b": bits}


def test_what_pyang_has_is_not_copied_but_what_is_newer(tmp_path, new):
    standard = (resources.standard_models() / "ietf" / "ietf-inet-types.yang").read_text()
    (tmp_path / "m.yang").write_text(
        'module m {\n  namespace "urn:m";\n  prefix m;\n'
        "  import ietf-inet-types { prefix inet; }\n  leaf a { type inet:dscp; }\n}\n"
    )
    (tmp_path / "ietf-inet-types.yang").write_text(standard)
    assert new() == (0, "")
    copied = tmp_path / "out" / "yang" / "ietf-inet-types.yang"
    assert not copied.exists()
    for path in sorted((tmp_path / "out").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "ietf-inet-types.yang").write_text(standard.replace("0..63", "0..7"))
    assert new() == (0, "")
    assert "0..7" in copied.read_text()


@pytest.mark.parametrize("version", ["", "yang-version 1;", 'yang-version "1.1";'])
def test_a_module_with_submodules(tmp_path, new, version):
    (tmp_path / "m.yang").write_text(
        f'module m {{\n  {version}\n  namespace "urn:m";\n  prefix m;\n  include sub;\n'
        "  leaf a { type int8; }\n}\n"
    )
    (tmp_path / "sub.yang").write_text(
        f'submodule sub {{ {version} belongs-to "m" {{ prefix m; }}\n  leaf b {{ type int16; }} }}'
    )
    assert new() == (0, "")
    assert made(tmp_path) == {"a": "8", "b": "16"}


def test_a_module_that_is_there_with_another_content_is_not_overwritten(tmp_path, new):
    (tmp_path / "m.yang").write_text(ONE_LINE)
    (tmp_path / "ty.yang").write_text(TYPES % ("2020-01-01", "int8"))
    there = tmp_path / "out" / "yang" / "ty.yang"
    there.parent.mkdir(parents=True)
    there.write_text("// mine")
    code, complaint = new()
    assert code == 1
    assert complaint == f"{there}: error: is there already, with another content\n"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [there]
    there.write_text(TYPES % ("2020-01-01", "int8"))
    assert new() == (0, "")


def test_problems_are_told_at_the_words_of_the_original(tmp_path, new):
    path = tmp_path / "m.yang"
    path.write_text(
        'module m {\n  namespace\n    "urn:" + "m"; prefix m;\n\n'
        "  // what there is\n  leaf a { type int8; }\n"
        "  leaf b { type nothing; } leaf c { type int8; must 'y | 3'; }\n}\n"
    )
    code, complaint = new()
    assert code == 1
    assert complaint.splitlines()[0] == (
        f'{path}:7:17: error: type "nothing" not found in module "svc"'
    )
    path.write_text(path.read_text().replace("nothing", "int8"))
    assert new()[1].splitlines() == [
        f"{path}:7:51: error: must 'y | 3': | joins sets of nodes",
        "  7 |   leaf b { type int8; } leaf c { type int8; must 'y | 3'; }",
        "    |                                                   ^^^^^",
    ]


def test_folders_without_a_model_or_that_are_none(tmp_path, new, capsys):
    (tmp_path / "m.yang").write_text(ONE_LINE)
    code, complaint = new("--yang", tmp_path / "none")
    assert (code, complaint) == (
        1,
        f"{tmp_path}/none: error: there is no such folder; --yang names one with modules\n",
    )
    with pytest.raises(SystemExit) as stop:
        cli.main(["new", "svc", "--path", str(tmp_path), "--yang", str(tmp_path)])
    assert stop.value.code == 2
    assert "--from FILE" in capsys.readouterr().err


def test_every_place_of_an_edited_text_is_found_again(tmp_path):
    text = 'module m {\n  prefix "m"; leaf a { type int8; }\n}\n'
    module = sources.parsed(tmp_path / "m.yang", text)
    prefix, leaf = module.substmts
    edits = sources.Text(text)
    edits.put(leaf, ["  // new"])
    edits.put(None, ["  // last"])
    edits.replace(prefix, "longer")
    edits.replace(module, "name")
    lines = edits.edited().split("\n")
    assert lines == [
        "module name {",
        '  prefix "longer"; ',
        "  // new",
        "leaf a { type int8; }",
        "  // last",
        "}",
        "",
    ]
    assert edits.origin(1, 1) == (1, 1)
    assert edits.origin(2, 10) == (2, 10)
    assert edits.origin(3, 3) == (0, 0)
    assert edits.origin(4, 1) == (2, 15)
    assert edits.origin(4, 0) == (2, 0)
    assert edits.origin(6, 0) == (3, 0)
    assert edits.origin(9, 0) == (0, 0)


KINDS = """\
module m {
  yang-version 1.1; namespace "urn:m"; prefix m;
  import polycube-ebpf { prefix ebpf; }
  leaf-list pool {
    type uint16; ordered-by system;
    ebpf:map "pool" { ebpf:kind "queue"; ebpf:entries 64; }
  }
  list session {
    key id;
    ebpf:map "sessions" { ebpf:entries 64; }
    leaf id { type uint32; }
    leaf mark { type uint8; default 0; }
    notification gone {
      ebpf:map "gone" { ebpf:kind "ringbuf"; ebpf:entries 64; }
      leaf why { type uint8; }
    }
  }
}
"""


def test_c_looks_up_what_has_a_key(tmp_path, new):
    (tmp_path / "m.yang").write_text(KINDS)
    assert new() == (0, "")
    source = (tmp_path / "out" / "svc" / "datapath.c").read_text()
    assert "find_sessions(struct sessions_key *key)" in source
    assert "find_pool" not in source
    assert "find_gone" not in source


def test_an_action_is_refused_whatever_its_name_begins_with(tmp_path, new):
    (tmp_path / "m.yang").write_text(
        'module m {\n  yang-version 1.1; namespace "urn:m"; prefix m;\n'
        "  rpc get-all { output { leaf n { type uint8; } } }\n"
        "  leaf get { type uint8; config false; }\n}\n"
    )
    assert new() == (0, "")
    source = (tmp_path / "out" / "svc" / "__init__.py").read_text()
    action, _, state = source.partition("async def get_get(self)")
    assert 'message = "get-all is not written yet"' in action
    assert "return 0" in state


def test_a_service_is_put_where_the_command_is_called(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "svc"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"wrote {tmp_path}/yang/svc.yang"
    assert (tmp_path / "svc" / "datapath.c").is_file()
