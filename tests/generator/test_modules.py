"""Models that are no services: one package per module, over any number of modules."""

import importlib
import sys

import msgspec
import pytest

from polycube_generator import emit, publish, schema
from polycube_generator.problems import GeneratorError
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.instance import dump, load
from polycube_runtime.support.schema import Action, AnyData, Notification


class Folder:
    """A folder of modules, generated together."""

    def __init__(self, path, monkeypatch):
        self.path = path / "yang"
        self.path.mkdir()
        self.out = path / f"out_{path.name.replace('-', '_')}"
        monkeypatch.syspath_prepend(path)

    def module(self, name, body, head=""):
        text = f'module {name} {{ yang-version 1.1; namespace "urn:{name}"; prefix {name}; {head}\n'
        (self.path / f"{name}.yang").write_text(f"{text}{body}\n}}\n", encoding="utf-8")
        return self

    def load(self, name, wanted=(), features=None):
        publish.write(self.out, emit.render(schema.load(self.path, wanted, features)))
        for known in [known for known in sys.modules if known.startswith(f"{self.out.name}.")]:
            del sys.modules[known]
        return importlib.import_module(f"{self.out.name}.{name}")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    return Folder(tmp_path, monkeypatch)


def test_augmentations_of_other_modules_are_qualified(folder):
    folder.module("base", "container top { leaf a { type int8; } }")
    folder.module(
        "more",
        'augment "/base:top" { leaf a { type string; } leaf b { type int8; } }',
        "import base { prefix base; }",
    )
    model = folder.load("base").MODEL
    document = {"base:top": {"a": 1, "more:a": "x", "more:b": 2}}
    canonical = load(model, document)
    assert canonical == {"top": {"a": 1, "more:a": "x", "b": 2}}
    assert dump(model, canonical) == document
    with pytest.raises(PolycubeError, match="b: is not a member here"):
        load(model, {"base:top": {"b": 2}})


def test_a_module_has_what_its_constraints_refer_to(folder):
    folder.module("a", "list e { key k; leaf k { type string; } }")
    folder.module(
        "b",
        'leaf r { type leafref { path "/a:e/a:k"; } } leaf m { type int8; must "/a:e"; }',
        "import a { prefix a; }",
    )
    model = folder.load("b", ["b"]).MODEL
    assert load(model, {"a:e": [{"k": "x"}], "b:r": "x", "b:m": 1})
    with pytest.raises(PolycubeError, match="must fulfil /a:e"):
        load(model, {"b:m": 1})


def test_submodules_are_part_of_their_module(folder):
    folder.module("whole", "container c { uses part; }", "include part-of-it;")
    (folder.path / "part-of-it.yang").write_text(
        "submodule part-of-it { yang-version 1.1; belongs-to whole { prefix w; }"
        " grouping part { leaf x { type int8; } } leaf top { type int8; } }",
        encoding="utf-8",
    )
    model = folder.load("whole").MODEL
    assert load(model, {"whole:c": {"x": 1}, "whole:top": 2}) == {"c": {"x": 1}, "top": 2}
    assert folder.load("whole", ["part-of-it"]).MODEL.name == "whole"


def test_deviations_are_applied(folder):
    folder.module("base", "leaf a { type int8; } leaf gone { type int8; }")
    folder.module(
        "dev",
        """
        deviation /base:gone { deviate not-supported; }
        deviation /base:a { deviate replace { type string; } deviate add { must "string(.)"; } }
        """,
        "import base { prefix base; }",
    )
    model = folder.load("base").MODEL
    assert load(model, {"base:a": "x"}) == {"a": "x"}
    for wrong in ({"base:a": ""}, {"base:a": 1}, {"base:gone": 1}):
        with pytest.raises(PolycubeError):
            load(model, wrong)


def test_features_are_chosen(folder):
    folder.module(
        "f",
        """
        feature one; feature two;
        leaf a { if-feature one; type int8; }
        leaf b { if-feature "not one and two"; type int8; }
        leaf e { type enumeration { enum x; enum y { if-feature one; } } }
        """,
    )
    names = {
        chosen: {*folder.load("f", features=features).MODEL.by_name}
        for chosen, features in {
            "all": None,
            "two": {"f": ["two"]},
            "none": {"f": []},
        }.items()
    }
    assert names == {"all": {"a", "e"}, "two": {"b", "e"}, "none": {"e"}}
    assert folder.load("f", features={"f": []}).MODEL["e"].type.values == (("x", 0),)


def test_groupings_are_one_class_wherever_they_are_used(folder):
    folder.module(
        "g",
        """
        grouping point { container at { leaf x { type int8; } leaf y { type int8; } } }
        container a { uses point; } container b { uses point; list c { key k; leaf k { type int8; }
          uses point; } }
        """,
    )
    package = folder.load("g")
    model = package.MODEL
    assert model["a/at"] is model["b/at"] is model["b/c/at"]
    models = importlib.import_module(f"{package.__name__}.models")
    structs = [name for name in vars(models) if name.endswith("At")]
    assert structs == ["AAt"]
    value = msgspec.convert({"a": {"at": {"x": 1}}}, models.G)
    assert value.a.at.x == 1


def test_operations_and_events_are_metadata(folder):
    folder.module(
        "o",
        """
        rpc reset { input { leaf delay { type uint32; } } output { leaf done { type boolean; } } }
        notification down { leaf why { type string; } }
        container c { action go; notification up; anydata any; }
        """,
    )
    model = folder.load("o").MODEL
    reset, down = model["reset"], model["down"]
    assert isinstance(reset, Action)
    assert (reset.input.by_name.keys(), reset.output.by_name.keys()) == ({"delay"}, {"done"})
    assert isinstance(down, Notification)
    assert isinstance(model["c/any"], AnyData)
    with pytest.raises(PolycubeError, match="is an event"):
        load(model, {"o:down": {"why": "x"}})


def test_error_texts_and_tags_are_those_of_the_model(folder):
    folder.module(
        "e",
        """
        leaf a { type int8; must ". > 5" { error-message "too little"; error-app-tag "small"; } }
        list l { key k; unique v; leaf k { type int8; } leaf v { type int8; } }
        choice c { mandatory true; leaf x { type int8; } leaf y { type int8; } }
        """,
    )
    model = folder.load("e").MODEL
    found = {}
    for document in (
        {"e:a": 1, "e:x": 1},
        {"e:l": [{"k": 1, "v": 1}, {"k": 2, "v": 1}], "e:x": 1},
        {},
    ):
        with pytest.raises(PolycubeError) as failure:
            load(model, document, "/data")
        found[failure.value.app_tag] = (failure.value.path, failure.value.message)
    assert found["small"] == ("/data/a", "too little")
    assert found["data-not-unique"][0] == "/data/l/2"
    assert found["missing-choice"][0] == "/data"


@pytest.mark.parametrize(
    "name", ["mro", "field", "UNSET", "Struct", "self", "object", "_", "MODEL"]
)
def test_nodes_may_be_called_what_they_like(folder, name):
    folder.module(
        "n", f"container {name} {{ leaf {name} {{ type int8; }} leaf x {{ type string; }} }}"
    )
    package = folder.load("n")
    importlib.import_module(f"{package.__name__}.models")
    assert load(package.MODEL, {f"n:{name}": {name: 1}}) == {name: {name: 1}}


def test_names_that_python_does_not_tell_apart_are_told_apart(folder):
    folder.module(
        "n",
        """
        container c { leaf a-b { type int8; } leaf a_b { type int8; } leaf a.b { type string; }
          leaf e { type enumeration { enum a-b; enum a_b; enum "a b"; } } }
        container c-d { container e { leaf x { type int8; } } }
        """,
    )
    package = folder.load("n")
    models = importlib.import_module(f"{package.__name__}.models")
    document = {"n:c": {"a-b": 1, "a_b": 2, "a.b": "x", "e": "a_b"}}
    canonical = load(package.MODEL, document)
    value = msgspec.convert(canonical, models.N)
    assert msgspec.to_builtins(value) == canonical


HOSTILE = [
    "quotes \\\" and ' and \\\"\\\"\\\" and '''",
    "ends with a backslash \\\\",
    "*/ and /* and {{ jinja }} {% raw %} {# c #} %s {0}",
    "line\\n__import__('os')\\ttab",
    "\u202e\u2028\u0007 bell",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text(folder, text):
    folder.module(
        "h",
        f"""
        description "{text}";
        container c {{ description "{text}"; leaf x {{ type string; units "{text}";
            must ". != 'never'" {{ error-message "{text}"; error-app-tag "{text}"; }}
            description "{text}"; }}
          leaf e {{ type enumeration {{ enum "{text}" {{ description "{text}"; }} }} }} }}
        """,
    )
    package = folder.load("h")
    importlib.import_module(f"{package.__name__}.models")
    model = package.MODEL
    ((name, _),) = model["c/e"].type.values
    assert load(model, {"h:c": {"e": name}}) == {"c": {"e": name}}
    assert "os" not in vars(package)


def test_a_pattern_never_takes_long(folder):
    folder.module("p", "leaf x { type string { pattern '(a+)+b'; } }")
    with pytest.raises(PolycubeError):
        load(folder.load("p").MODEL, {"p:x": "a" * 50_000})


def test_circular_leafrefs_are_refused(folder):
    folder.module(
        "l",
        'leaf a { type leafref { path "../b"; } }\nleaf b { type leafref { path "../a"; } }',
    )
    with pytest.raises(GeneratorError):
        folder.load("l")


def test_what_is_only_for_others_makes_no_package_beside_others(folder):
    folder.module("lib", "typedef t { type int8; }")
    folder.module("user", "leaf x { type lib:t; }", "import lib { prefix lib; }")
    assert {
        name.partition("/")[0] for name in emit.render(schema.load(folder.path)) if "/" in name
    } == {"user"}
    assert folder.load("lib", ["lib"]).MODEL.children == ()
