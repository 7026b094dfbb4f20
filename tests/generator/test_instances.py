"""Instance documents, valid and not, against the code that is generated for their models.

``cases.py`` reads them; ``oracles.py`` compares the verdicts with those of other implementations.
"""

import importlib
import json
import sys
from functools import cache

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.instance import dump, load, load_side
from polycube_runtime.support.schema import Action
from tests.generator import cases

CASES = {case.name: case for case in cases.read()}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return a function from the name of a file to the generated model."""

    @cache
    def model(name):
        case, folder = CASES[name], tmp_path_factory.mktemp(name)
        case.write(folder / "yang")
        out = f"instances_{name.replace('-', '_')}"
        found = schema.load(folder / "yang", (), case.features)
        publish.write(folder / out, emit.render(found))
        sys.path.insert(0, str(folder))
        try:
            return importlib.import_module(f"{out}.{case.of}").MODEL
        finally:
            sys.path.remove(str(folder))

    return model


def loaded(model, document):
    """Return the canonical document, and what is at its path if it is about an operation."""
    data = load(model, document.data)
    if not document.side:
        return data, dump(model, data)
    node, chain = model, (data,)
    for step in document.path.split("/"):
        name, _, key = step.rpartition(":")[2].partition("=")
        node, inner = node.by_name[name], chain[0].get(name, {})
        if key:
            inner = next(entry for entry in inner if entry[node.keys[0]] == key)
        chain = (inner, *chain)
    if isinstance(node, Action):
        node = node.input if document.side == "input" else node.output
    canonical = load_side(node, document.content, chain[1:], document.path)
    return canonical, dump(node, canonical) if node else {}


@pytest.mark.parametrize(
    ("name", "verdict", "document"),
    [
        pytest.param(case.name, verdict, document, id=f"{case.name}-{verdict}-{number}")
        for case in CASES.values()
        for number, (verdict, document) in enumerate(case.documents, 1)
    ],
)
def test_the_verdict_is_that_of_the_rfc(models, name, verdict, document):
    model = models(name)
    if verdict == "invalid":
        with pytest.raises(PolycubeError) as failure:
            loaded(model, document)
        assert failure.value.parts[0].path or not document.data
        return
    canonical, written = loaded(model, document)
    if not document.side:
        assert load(model, json.loads(json.dumps(written))) == canonical
