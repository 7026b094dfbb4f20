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


def test_the_default_of_an_identityref_is_of_the_module_that_its_prefix_stands_for(folder):
    folder.module("a", "identity base; identity same { base base; }")
    folder.module("b", "identity same { base a:base; }", "import a { prefix a; }")
    folder.module(
        "c",
        "typedef of-b { type identityref { base a:base; } default other:same; }"
        "leaf one { type identityref { base a:base; } default other:same; }"
        "leaf typed { type of-b; } leaf-list many { type of-b; default a:same; }"
        "leaf either { type union { type int8; type of-b; type string; } default other:same; }",
        "import a { prefix a; } import b { prefix other; }",
    )
    one, typed, many, either = folder.model("c").children
    assert [one.default, typed.default, either.default] == ["b:same"] * 3
    assert many.default == ("a:same",)


@pytest.mark.parametrize(
    ("text", "value"), [("0x10", 16), ("017", 15), ("+7", 7), ("300", "300"), ("²", "²")]
)
def test_the_default_of_a_union_is_a_value_of_its_first_member_that_has_it(folder, text, value):
    folder.module("u", f'leaf x {{ type union {{ type uint8; type string; }} default "{text}"; }}')
    (leaf,) = folder.model("u").children
    assert leaf.default == value


@pytest.mark.parametrize(
    ("text", "value"), [("1.50", "1.5"), ("+1.5", "1.5"), ("7", "7.0"), ("-0.0", "0.0")]
)
def test_the_default_of_a_decimal_is_canonical(folder, text, value):
    folder.module("d", f'leaf x {{ type decimal64 {{ fraction-digits 2; }} default "{text}"; }}')
    (leaf,) = folder.model("d").children
    assert leaf.default == value


def test_names_that_clash_in_code_only_can_be_compared(folder):
    folder.module(
        "e",
        "leaf x { type enumeration { enum a-b; enum a_b; } }"
        "leaf y { type int8; must \"../x = 'a_b'\"; }",
    )
    assert "a_b" in folder.files("e")["e/rules.py"]


def test_a_module_in_yin_can_be_imported(folder):
    (folder.path / "a.yin").write_text(
        '<module name="a" xmlns="urn:ietf:params:xml:ns:yang:yin:1" xmlns:a="urn:a">'
        '<namespace uri="urn:a"/><prefix value="a"/>'
        '<typedef name="small"><type name="int8"/></typedef></module>'
    )
    folder.module("b", "leaf x { type a:small; }", "import a { prefix a; }")
    (leaf,) = folder.model("b").children
    assert leaf.type.bits == 8


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("'a' = 'b' or . = 1", "return number(this) == 1"),
        ("'a' != 'b' and . = 1", "return number(this) == 1"),
        ("1 < 2 and . = 1", "return number(this) == 1"),
        ("2 = 1", "return False"),
    ],
)
def test_constants_are_compared_once_and_for_all(folder, expression, code):
    folder.module("k", f'leaf x {{ type int8; must "{expression}"; }}')
    assert code in folder.files("k")["k/rules.py"]


def test_a_pattern_that_no_xml_could_hold_is_refused_where_it_is(folder):
    folder.module("p", 'leaf x { type string {\n  pattern "a\0b"; } }')
    assert folder.problems() == [(3, "pattern has U+0000, which no string of YANG has")]


def test_what_has_the_same_leaves_by_chance_is_a_class_of_its_own(folder):
    folder.module(
        "s",
        "container wheel { leaf size { type int8; } } container hat { leaf size { type int8; } }"
        "grouping box { container box { leaf weight { type int8; } } }"
        "container left { uses box; } container right { uses box; }",
    )
    models = folder.files("s")["s/models.py"]
    assert "wheel: SWheel" in models
    assert "hat: SHat" in models
    assert models.count("class LeftBox") == 1
    assert models.count("box: LeftBox") == 2  # left and right are not one, but their boxes are


def test_state_may_be_absent_from_a_configuration(folder):
    folder.module(
        "c",
        "container c { leaf up { config false; type boolean; mandatory true; } }"
        "container s { config false; leaf up { type boolean; mandatory true; } }",
    )
    models = folder.files("c")["c/models.py"]
    assert models.count("up: bool | UnsetType") == 1
    assert models.count("up: bool\n") == 1


@pytest.mark.parametrize("length", range(60, 110))
def test_no_text_makes_a_line_longer_than_it_must_be(folder, length):
    text = ("word " * 30)[:length].strip() + "s"
    about = f'description "{text}";'
    folder.module("w", f"list l {{ config false; {about} leaf x {{ type int8; {about} }} }}")
    for source in folder.files("w").values():
        assert max(map(len, source.splitlines())) <= 100


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
