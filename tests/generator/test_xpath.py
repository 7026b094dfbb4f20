"""What cannot be compiled is refused where it is written, with the reason, and never guessed."""

import pytest

MODEL = """
  container c {{
    leaf a {{ type string; }} leaf b {{ type string; }}
    list l {{ key k; leaf k {{ type string; }} leaf v {{ type int8; }} }}
    leaf x {{ type string;
      must "{}"; // here
    }}
  }}
"""


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("(../l/v)[1] = 1", "the position in a set of nodes is not known"),
        ("../*[2]", "nodes without an order; name one"),
        ("ancestor::*[1]", "by position: name the ancestor"),
        ("descendant::v[1]", "descendants have no order"),
        ("string(../l/k | ../a) = 'a'", "of several nodes the first is meant"),
        ("count(../l[v = 1] | ../l[v = 2]) = 1", "l is reached in two ways"),
        ("../namespace::x", "YANG data has no such nodes"),
        ("following::v", "an order that JSON documents do not have"),
        ("preceding-sibling::a", "supported from entries of lists"),
        ("re-match(., ../a)", "must be a literal"),
        ("deref(../a)", "anything but a leafref"),
    ],
)
def test_a_refused_expression_says_where_and_why(models, expression, reason):
    assert reason in models.refusal(MODEL.format(expression))


@pytest.mark.parametrize(
    "expression",
    ["id('x')", "../a/comment()", "../processing-instruction('x')", "lang('en')", "../l/text()"],
)
def test_what_no_yang_data_has_is_not_there(models, expression):
    (rule,) = models.load(MODEL.format(expression)).functions
    assert rule.code == "False"
