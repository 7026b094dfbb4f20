"""Compiled expressions against libxml2, which evaluates them on the same documents in XML.

``XPATH_ROUNDS=1000 XPATH_SEED=7 pytest tests/generator/test_differential.py`` runs long, from
wherever one likes. What the compiler refuses is not compared.
"""

import importlib
import os
import sys
from random import Random

import pytest
from lxml import etree

from polycube_generator import emit, publish, schema
from polycube_generator.problems import GeneratorError
from polycube_runtime.support.validate import Check, Encoding, Mode
from polycube_runtime.support.xpath import Tree, text
from tests.generator import cases, expressions

ROUNDS = int(os.environ.get("XPATH_ROUNDS", "3"))
SEED = int(os.environ.get("XPATH_SEED", "0"))
EACH, DOCUMENTS = 100, 6


class Xml:
    """A canonical document in XML; ``chains`` are the values of each element and all above it."""

    def __init__(self, canonical):
        ((name, inner),) = expressions.TREE.items()
        self.root = etree.Element(name)
        value = canonical.get(name, {})
        self.chains = {self.root: (value, canonical)}
        self._add(self.root, inner, value, (value, canonical))

    def _add(self, parent, nodes, value, chain):
        for name, inner in nodes.items():
            found = value.get(name, {} if name in expressions.IMPLIED else None)
            for item in found if name in expressions.LISTS else [found]:
                if item is None:
                    continue
                element = etree.SubElement(parent, name)
                self.chains[element] = (item, *chain)
                if inner:
                    self._add(element, inner, item, (item, *chain))
                else:
                    element.text = text(item) or None


def written(folder, todo):
    """Write the model with expressions, each on a line of its own; return them by line."""
    musts = {
        name: "".join(f'\nmust "{one}";' for context, one in todo if context == name)
        for name in expressions.CONTEXTS
    }
    model = cases.FRAME.format(model=expressions.MODEL % musts)
    (folder / "t.yang").write_text(model, encoding="utf-8")
    lines = enumerate(model.splitlines(), 1)
    return {number: line[6:].partition('";')[0] for number, line in lines if line[:5] == "must "}


def compiled(folder, todo):
    """Return the modules of a model with those of the expressions that are not refused."""
    lines = written(folder, todo)
    try:
        return schema.load(folder), todo
    except GeneratorError as error:
        refused = {lines[problem.place.line] for problem in error.problems}
        left = [(context, one) for context, one in todo if one not in refused]
        assert len(left) < len(todo)
        return compiled(folder, left)


def rules(node):
    """Yield all must statements below a node, each with the name of its context."""
    for rule in getattr(node, "must", ()):
        yield node.name, rule
    for child in getattr(node, "children", ()):
        yield from rules(child)


def compared(model, document):
    """Yield what libxml2 makes of each expression, what we do, and which it is."""
    check = Check(Mode.INSTANCE, Encoding.RFC7951)
    canonical = check.members(model, document, "")
    assert not check.errors
    xml, tree = Xml(canonical), Tree(canonical)
    for name, rule in rules(model):
        for element in xml.root.iter(expressions.CONTEXTS[name][-1]):
            way = tuple(one.tag for one in (*reversed([*element.iterancestors()]), element))
            if way != expressions.CONTEXTS[name]:
                continue
            current = {(None, "current"): lambda _context, here=element: [here]}
            evaluate = etree.XPath(f"boolean({rule.text})", extensions=current)
            ours = rule.holds(tree, *xml.chains[element])
            yield evaluate(element), bool(ours), f"{rule.text} at {name} of {canonical}"


@pytest.mark.parametrize("seed", range(SEED, SEED + ROUNDS))
def test_compiled_expressions_mean_what_libxml2_makes_of_them(seed, tmp_path, monkeypatch):
    random = Random(seed)  # noqa: S311
    todo = []
    for _ in range(EACH):
        name = random.choice(list(expressions.CONTEXTS))
        made = expressions.Expressions(random, expressions.CONTEXTS[name])
        kind = random.choice(["bool", "text", "num", "node"])
        todo.append((name, made.make(kind, random.choice([1, 2, 2, 3]))))
    (tmp_path / "yang").mkdir()
    modules, left = compiled(tmp_path / "yang", list(dict.fromkeys(todo)))
    assert len(left) > EACH // 2
    package = f"differential_{seed}"
    publish.write(tmp_path / package, emit.render(modules))
    monkeypatch.syspath_prepend(tmp_path)
    model = importlib.import_module(f"{package}.t").MODEL
    results = [
        one for _ in range(DOCUMENTS) for one in compared(model, expressions.document(random))
    ]
    assert [where for theirs, ours, where in results if theirs != ours] == []
    assert {theirs for theirs, _, _ in results} == {True, False}
    sys.modules.pop(package)
