"""What public models do, and what broken ones do: each idea in the smallest model that has it."""

import importlib
import sys

import pytest

from polycube_generator import emit, publish, schema
from polycube_generator.parsing import DEPTH
from polycube_generator.problems import GeneratorError
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.instance import dump, load

HEAD = (
    'module {name} {{ yang-version 1.1; namespace "urn:{name}"; prefix {name}; {head}\n{body}\n}}\n'
)


class Folder:
    """A folder of modules."""

    def __init__(self, path):
        self.path = path / "yang"
        self.path.mkdir()
        self.out = path / f"out_{path.name.replace('-', '_')}"

    def module(self, name, body, head=""):
        text = HEAD.format(name=name, head=head, body=body)
        (self.path / f"{name}.yang").write_text(text, encoding="utf-8")
        return self

    def files(self, *wanted):
        return emit.render(schema.load(self.path, wanted))

    def model(self, name):
        publish.write(self.out, self.files(name))
        for known in [known for known in sys.modules if known.startswith(f"{self.out.name}.")]:
            del sys.modules[known]
        return importlib.import_module(f"{self.out.name}.{name}").MODEL

    def problems(self):
        with pytest.raises(GeneratorError) as failure:
            schema.load(self.path)
        return [(one.place.line, one.message) for one in failure.value.problems]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    return Folder(tmp_path)


def test_two_modules_may_have_a_top_level_node_of_one_name(folder):
    folder.module("a", "container lib { leaf x { type int8; } }")
    folder.module("b", "container lib { leaf x { type string; } }")
    folder.module(
        "c",
        "augment /a:lib { leaf c { type int8; } } augment /b:lib { leaf d { type int8; } }"
        'leaf top { type string; must ". = /b:lib/b:x"; }',
        "import a { prefix a; } import b { prefix b; }",
    )
    model = folder.model("c")
    document = {"a:lib": {"x": 1, "c:c": 2}, "b:lib": {"x": "y", "c:d": 3}, "c:top": "y"}
    assert dump(model, load(model, document)) == document
    with pytest.raises(PolycubeError, match="must fulfil"):
        load(model, {"a:lib": {"x": 1}, "c:top": "1"})


def test_a_module_in_the_folder_is_meant_before_the_newer_one_that_pyang_brings(folder):
    folder.module("ietf-inet-types", "revision 2001-01-01; typedef ours { type int8; }")
    folder.module("m", "leaf x { type inet:ours; }", "import ietf-inet-types { prefix inet; }")
    assert load(folder.model("m"), {"m:x": 1}) == {"x": 1}


def test_what_is_below_state_is_state_and_does_not_say_so(folder):
    folder.module(
        "m",
        "grouping g { list e { key k; leaf k { type int8; } container c { leaf v { type int8; } } }"
        "} container config { uses g; } container state { config false; uses g; }",
    )
    model = folder.model("m")
    kinds = {}
    for top in model.children:
        entry = top.by_name["e"]
        inner = entry.by_name["c"]
        kinds[top.name] = {one.config for one in (top, entry, inner, inner.by_name["v"])}
        kinds[top.name] |= {leaf.config for leaf in entry.key_leaves}
    assert kinds == {"config": {True}, "state": {False}}
    source = folder.files("m")["m/nodes.py"]
    assert source.count("config=False") == 1
    assert source.count('"e",') == 1


def test_a_grouping_is_written_once_with_its_leafrefs_enumerations_and_types(folder):
    digits = "0123456789" * 4
    folder.module(
        "m",
        f'typedef long {{ type union {{ type string {{ pattern "{digits}"; }} type int8; }} }}'
        "grouping g { list e { key k; leaf k { type leafref { path ../state/k; } } container state"
        " { leaf k { type long; } leaf mode { type enumeration { enum on; enum off; } } } } }"
        "container one { uses g; } container two { uses g; } container three { leaf other { type"
        " leafref { path /one/e/k; } } }",
    )
    files = folder.files("m")
    assert files["m/models.py"].count("(StrEnum)") == 1
    assert files["m/nodes.py"].count('"e",') == 1
    assert files["m/nodes.py"].count(digits) == 1
    assert '"../state/k"' in files["m/nodes.py"]


def test_circles_of_leafrefs_are_refused_in_unions_too(folder):
    folder.module(
        "m",
        "leaf a { type union { type string; type leafref { path ../b; } } }\n"
        "leaf b { type union { type int8; type leafref { path ../a; } } }",
    )
    message = "this leafref leads back to itself"
    assert folder.problems() == [(2, message), (3, message)]


def test_a_prefix_in_a_literal_may_be_the_one_that_a_module_gives_itself(folder):
    folder.module("kinds", "identity kind; identity lag { base kind; } identity eth { base kind; }")
    folder.module(
        "m",
        "leaf type { type identityref { base k:kind; } }"
        "leaf lag { when \"../type = 'kinds:lag'\"; type int8; }",
        "import kinds { prefix k; }",
    )
    model = folder.model("m")
    assert load(model, {"m:type": "kinds:lag", "m:lag": 1})
    with pytest.raises(PolycubeError):
        load(model, {"m:type": "kinds:eth", "m:lag": 1})


def test_identities_are_derived_over_many_steps(folder):
    steps = "".join(f"identity i{n} {{ base i{n - 1}; }}" for n in range(1, 500))
    folder.module("m", f"identity i0; {steps} leaf x {{ type identityref {{ base i1; }} }}")
    model = folder.model("m")
    assert load(model, {"m:x": "i499"}) == {"x": "m:i499"}
    with pytest.raises(PolycubeError):
        load(model, {"m:x": "i1"})


def nested(levels):
    opening = "\n".join(f"container c{n} {{" for n in range(levels))
    return f"{opening} leaf x {{ type int8; }} {'}' * levels}"


def test_what_is_nested_too_deeply_is_refused_where_it_is(folder):
    folder.module("m", nested(1000))
    assert folder.problems() == [(DEPTH + 1, f"is nested more than {DEPTH} levels deep")]


def test_groupings_can_nest_too_deeply_too(folder):
    used = (f"grouping g{n} {{ container c {{ uses g{n - 1}; }} }}\n" for n in range(1, DEPTH + 3))
    folder.module(
        "m", f"grouping g0 {{ leaf x {{ type int8; }} }}\n{''.join(used)}uses g{DEPTH + 2};"
    )
    ((line, message),) = folder.problems()
    assert line > 1
    assert message == f"is nested more than {DEPTH} levels deep"


def test_a_hundred_levels_are_generated(folder):
    folder.module("m", nested(100))
    assert folder.model("m").children[0].name == "c0"


@pytest.mark.parametrize("end", ["cont", "container ", 'container "a', "leaf x { type", "//"])
def test_a_file_that_ends_too_soon_is_told_of_at_its_last_line(folder, end):
    folder.module("m", "")
    path = folder.path / "m.yang"
    path.write_text(path.read_text(encoding="utf-8").rpartition("}")[0] + end, encoding="utf-8")
    ((line, message),) = folder.problems()
    assert line == 3
    assert message == "premature end of file"
