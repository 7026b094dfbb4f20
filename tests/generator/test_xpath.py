"""What cannot be compiled is refused where it is written, with the reason, and never guessed."""

import pytest

from polycube_generator import functions

MODEL = """
  container c {{
    leaf a {{ type string; }} leaf b {{ type string; }} leaf path {{ type instance-identifier; }}
    leaf mixed {{ type union {{ type int8; type leafref {{ path "../l/v"; }} }} }}
    list l {{ key k; leaf k {{ type string; }} leaf v {{ type int8; }} }}
    leaf x {{ type string;
      must "{}"; // here
    }}
  }}
"""


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("(../a | ../l/v)[1] = 1", "none is the first: they have no order"),
        ("../*[2]", "nodes without an order; name one"),
        ("ancestor::*[1]", "by position: name the ancestor"),
        ("descendant::v[1]", "descendants have no order"),
        ("string(../l/k | ../a) = 'a'", "of several nodes the first is meant"),
        ("count(../l[v = 1]/v | ../l[v = 2]/v) = 1", "v is reached in two ways"),
        ("sum(../l/following-sibling::l/v) = 1", "a node is reached in two ways"),
        ("name(../a | ../b) = 'a'", "the first of several nodes, which have no order"),
        ("../namespace::x", "YANG data has no such nodes"),
        ("following::v", "v and x have no order in JSON"),
        ("../l/v/preceding::k", "k and v have no order in JSON"),
        ("../l/preceding::*", "name the node"),
        ("../l/preceding::v[1]", "by position: use preceding-sibling"),
        ("preceding-sibling::a", "x and a have no order in JSON"),
        ("../l/following-sibling::*", "l and a have no order in JSON"),
        ("re-match(., ../a)", "must be known when it is compiled"),
        ("deref(../a)", "takes a leafref, not a leaf of type string"),
        ("deref(../path)", "leads to what only data says"),
        ("deref(../mixed)", "leafrefs that come before all other types"),
    ],
)
def test_a_refused_expression_says_where_and_why(models, expression, reason):
    assert reason in models.refusal(MODEL.format(expression))


@pytest.mark.parametrize(
    "expression",
    ["id('x')", "../a/comment()", "../processing-instruction('x')", "lang('en')", "../l/text()"],
)
def test_what_no_yang_data_has_is_not_there(models, expression):
    rule = models.load(MODEL.format(expression)).functions[-1]
    assert rule.code == "False"


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("../l[k = 'x']/v = 1", 'tree.find(rows(up[0], "l"), ("k",), ("x",))'),
        ("../l[v = 1]/k = 'x'", 'tree.find(rows(up[0], "l"), ("v",), (1,))'),
        ("../l[k = 1]/v = 1", 'tree.numbered(rows(up[0], "l"), "k", 1)'),
        ("../l[2]/v = 1", 'nth(rows(up[0], "l"), 2)'),
        ("../l[v > 1][last()]/v = 1", 'nth_last([e1 for e1 in rows(up[0], "l") if'),
        ("count(../l) = 1", 'len(rows(up[0], "l")) == 1'),
        ("count(../l) + 1 = 2", 'len(rows(up[0], "l")) + 1.0 == 2'),
        (". = 18446744073709551615", "number(this) == 1.8446744073709552e+19"),
    ],
)
def test_an_expression_is_code_that_a_person_would_write(models, expression, code):
    rule = models.load(MODEL.format(expression)).functions[-1]
    assert code in functions.function(rule).replace("\n", " ").replace("  ", " ")
