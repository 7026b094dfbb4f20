"""Nodes, names and what is refused."""

import pytest
from pyang.context import Context

from polycube_generator import ir, schema
from polycube_generator.problems import GeneratorError


def by_path(service: ir.Service) -> dict[str, ir.Node]:
    found: dict[str, ir.Node] = {}

    def add(nodes):
        for node in nodes:
            found[node.path] = node
            if isinstance(node, ir.Container | ir.List):
                add(node.children)

    add(service.children)
    return found


def test_the_daemons_nodes_come_first_in_the_order_of_the_original(models):
    service = models.load("leaf x { type string; }", kind="standard")
    assert [node.name for node in service.children] == [
        "uuid",
        "type",
        "service-name",
        "loglevel",
        "ports",
        "shadow",
        "span",
        "x",
    ]
    assert [node.base for node in service.children] == [True] * 7 + [False]


def test_what_a_service_adds_to_ports_is_its_own(models):
    uses = "{ augment ports { leaf mac { type yang:mac-address; } } }"
    children = by_path(models.load("", kind="standard", uses=uses))["ports"].children
    assert [(node.name, node.base) for node in children] == [
        ("name", True),
        ("uuid", True),
        ("status", True),
        ("peer", True),
        ("tcubes", True),
        ("mac", False),
    ]


def test_nodes_without_their_feature_are_left_out(models):
    service = models.load(
        """
        feature some;
        leaf a { if-feature some; type string; }
        leaf b { if-feature "not some"; type string; }
        """
    )
    assert {"a", "b"} & by_path(service).keys() == {"a"}


def test_attributes_are_made_of_the_path(models):
    nodes = by_path(
        models.load("container a-b { leaf c.d { type string; } leaf if { type int8; } }")
    )
    assert nodes["a-b/c.d"].attr == "a_b_c_d"
    assert nodes["a-b/if"].attr == "a_b_if"
    assert nodes["a-b/if"].field == "if_"


def test_paths_that_are_one_attribute_are_refused(models):
    body = """
    container a { leaf b-c { type string; } }
    container a-b { leaf c { type string; } } // here
    """
    assert "/a-b/c and /a/b-c are both a_b_c in Python; rename one" in models.refusal(body)


def test_a_method_that_two_nodes_want_is_refused(models):
    body = "leaf x { type string; }\n rpc set-x; // here"
    assert "/set-x and /x are both set_x in Python; rename one" in models.refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        "leaf name { type string; } // here",
        "rpc name; // here",
        "choice name { leaf x { type int8; } } // here",
    ],
)
def test_the_name_of_a_cube_is_its_own(models, body):
    assert "every cube has a name already" in models.refusal(body)


def test_an_action_does_not_replace_what_the_base_class_has(models):
    service = models.load("rpc reload { }")
    assert [hook.name for hook in service.hooks] == ["reload_"]


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ('leaf x { type int8;\n must "@x"; // here\n}', "YANG data has no attributes"),
        ('leaf x { type int8;\n must "re-match(., ../x)"; // here\n}', "must be known"),
    ],
)
def test_what_could_not_be_checked_is_refused(models, body, advice):
    assert advice in models.refusal(body)


def test_constraints_become_functions(models):
    service = models.load(
        """
        leaf low { type int8; must ". < ../high" { error-message "too low"; error-app-tag "t"; } }
        leaf high { type int8; when "../low"; }
        choice c { mandatory true; case a { leaf a1 { type int8; } leaf a2 { type int8; } }
                   leaf b { type int8; } }
        list l { key k; unique "v"; leaf k { type int8; } leaf v { type int8; } }
        """
    )
    nodes = by_path(service)
    text = ". < ../high"
    assert nodes["low"].must == (ir.Rule("must_low", text, "too low", "t", meaning=text),)
    assert nodes["high"].when == (ir.Rule("when_high", "../low", meaning="../low"),)
    assert nodes["l"].unique == (("v",),)
    cases = (ir.Case("a", ("a1", "a2")), ir.Case("b", ("b",)))
    assert service.choices == (ir.Choice("c", cases, mandatory=True),)
    assert [(function.name, function.code) for function in service.functions] == [
        ("must_low", 'number(this) < number(tree.root.get("high"))'),
        ("when_high", 'tree.root.get("low") is not None'),
    ]


def test_the_daemons_nodes_cannot_be_refined(models):
    uses = '{ refine shadow {\n default "true"; // here\n } }'
    assert "shadow is the daemon's" in models.refusal("", kind="standard", uses=uses)


def test_the_number_of_ports_can_be_refined(models):
    uses = "{ refine ports { min-elements 1; max-elements 2; } }"
    ports = by_path(models.load("", kind="standard", uses=uses))["ports"]
    assert (ports.min_elements, ports.max_elements) == (1, 2)


def test_a_service_is_named_as_its_module(models):
    found = models.problems("", service="other")
    assert [message for _, message in found] == [
        "service-name 'other' must be the module's name, 'demo'"
    ]


@pytest.mark.parametrize("name", ["Upper", "a_b", "class", "int"])
def test_a_name_that_no_package_can_have_is_refused(models, name):
    found = models.problems("", name=name)
    assert [message.partition(";")[0] for _, message in found] == [
        f"{name!r} cannot name a service"
    ]


def test_a_module_without_a_service_name_is_a_library(models):
    (models.folder / "lib.yang").write_text(
        'module lib { namespace "urn:lib"; prefix "lib"; typedef t { type string; } }',
        encoding="utf-8",
    )
    assert models.load("").name == "demo"


def test_errors_of_pyang_have_a_place_too(models):
    body = "leaf x {\n type nonsense; // here\n}"
    assert "nonsense" in models.refusal(body)


def test_a_crash_of_pyang_is_an_error_of_the_file(models, monkeypatch):
    def crash(_context):
        raise IndexError

    monkeypatch.setattr(Context, "validate", crash)
    models.write("")
    with pytest.raises(GeneratorError, match="IndexError in pyang or here"):
        schema.load(models.folder)


def test_a_list_in_an_action_needs_no_key(models):
    service = models.load("rpc go { input { list l { leaf x { type int8; } } } }")
    assert service.children[-1].input.children[0].keys == ()


def test_a_kernel_that_is_no_version_is_refused(models):
    body = 'base:service-min-kernel-version "new";'
    assert [message for _, message in models.problems(body)] == [
        "service-min-kernel-version 'new' is not x.y.z"
    ]


@pytest.mark.parametrize("kind", ["standard", "transparent"])
def test_the_kind_is_that_of_the_base_module(models, kind):
    assert models.load("", kind=kind).kind == kind


@pytest.mark.parametrize("name", ["aside", "zebra"])  # validated before the service, and after it
def test_what_other_modules_add_to_a_service_is_there(models, name):
    (models.folder / f"{name}.yang").write_text(
        f"""module {name} {{
  yang-version 1.1;
  namespace "urn:{name}";
  prefix n;
  import demo {{ prefix d; }}
  identity round {{ base d:shape; }}
  augment "/d:box" {{ leaf size {{ type uint8; default 3; }} }}
  deviation "/d:box/d:colour" {{ deviate replace {{ type uint16; }} }}
}}""",
        encoding="utf-8",
    )
    service = models.load(
        """
        identity shape;
        container box {
          leaf colour { type string; }
          leaf form { type identityref { base shape; } }
        }
        """
    )
    nodes = by_path(service)
    assert {"box/colour", "box/form", "box/size"} <= nodes.keys()
    assert isinstance(nodes["box/colour"].type, ir.Integer)
    assert nodes["box/form"].type.values == (f"{name}:round",)
