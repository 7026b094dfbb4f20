"""Models of sizes that nobody writes by hand: in reasonable time, or refused where they are."""

import ast

import pytest

from polycube_generator import emit, report, schema
from polycube_generator.problems import GeneratorError


@pytest.fixture
def module(tmp_path):
    def write(body):
        text = f'module m {{ yang-version 1.1; namespace "urn:m"; prefix m;\n{body}\n}}\n'
        (tmp_path / "m.yang").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def files(folder):
    return emit.render(schema.load(folder))


def refused(folder):
    with pytest.raises(GeneratorError) as failure:
        files(folder)
    (problem,) = failure.value.problems
    return problem


def must(expression):
    return f'leaf a {{ type int32; }}\nleaf b {{ type int32;\n  must "{expression}";\n}}'


def test_a_chain_of_leafrefs_is_followed_once(module):
    chain = "".join(f'leaf l{n} {{ type leafref {{ path "../l{n + 1}"; }} }}' for n in range(500))
    nodes = files(module(f"{chain} leaf l500 {{ type int8; }}"))["m/nodes.py"]
    assert nodes.count("Leaf(") == 501


def test_a_chain_too_long_to_follow_is_refused_at_one_of_its_leaves(module):
    chain = "\n".join(
        f'leaf l{n} {{ type leafref {{ path "../l{n + 1}"; }} }}' for n in range(4000)
    )
    problem = refused(module(f"{chain} leaf l4000 {{ type int8; }}"))
    assert problem.place.line > 1
    assert "leads to too many others" in problem.message


@pytest.mark.parametrize("operator", ["or", "and", "+", "-", "*"])
def test_operators_of_equal_rank_stand_beside_each_other(module, operator):
    terms = f" {operator} ".join(
        f"../a = {n}" if operator in "or and" else "../a" for n in range(400)
    )
    rules = files(module(must(terms)))["m/rules.py"]
    (function,) = (one for one in ast.parse(rules).body if isinstance(one, ast.FunctionDef))
    assert "((" not in ast.unparse(function.body[-1]).replace("bool((", "")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (" or ".join(["../a"] * 6000), "more than 5,000 operators"),
        (" div ".join(["../a"] * 300), "more than 100 operators such as div in a row"),
        (" = ".join(["../a"] * 300), "more than 100 operators such as = in a row"),
        ("(" * 150 + "../a" + ")" * 150, "nested too deeply"),
        ("../a[" * 20 + ". = 1" + "]" * 20, "more than 8 predicates in each other"),
    ],
)
def test_an_expression_beyond_measure_is_refused_where_it_is(module, expression, message):
    problem = refused(module(must(expression)))
    assert (problem.place.line, problem.place.column) == (4, 3)
    assert message in problem.message


def test_unions_that_double_and_double_again_are_refused(module):
    unions = "".join(
        f"typedef t{n} {{ type union {{ type t{n - 1}; type t{n - 1}; }} }}\n" for n in range(1, 20)
    )
    problem = refused(module(f"typedef t0 {{ type int8; }}\n{unions} leaf x {{ type t19; }}"))
    assert "more than 10,000 types" in problem.message
    assert problem.place.line > 1


def test_a_string_of_too_many_pieces_is_refused_where_it_is(module):
    problem = refused(module('leaf x { type string; description "a"' + '\n+ "b"' * 20_000 + "; }"))
    assert problem.place.line > 1
    assert "too many strings" in problem.message


def test_of_an_enormous_line_only_the_part_with_the_problem_is_shown(module):
    folder = module("leaf x { type string; }" * 2000 + ' leaf y { type "nowhere"; }')
    with pytest.raises(GeneratorError) as failure:
        files(folder)
    *_, source, carets = report.text(failure.value).split("\n")[:-1]
    assert len(source) < 200
    assert source[carets.index("^") : carets.rindex("^") + 1] == "nowhere"
