"""Instance documents, valid and not, against the code that is generated for their models.

Each file has a model, documents, and the verdict of RFC 7950; ``oracles.py`` compares the verdicts
with those of other implementations. ``base`` is merged into each document.
"""

import importlib
import json
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from polycube_generator import emit, publish, schema
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.instance import dump, load

FOLDER = Path(__file__).with_name("instances")
FRAME = 'module t {{ yang-version 1.1; namespace "urn:t"; prefix t;\n{model}\n}}\n'


def cases():
    """Yield (file, number, verdict, document)."""
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        for verdict in ("valid", "invalid"):
            for number, document in enumerate(content[verdict], 1):
                yield path.stem, number, verdict, {**content.get("base", {}), **document}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return a function from the name of a file to the generated model."""

    @cache
    def model(name):
        folder = tmp_path_factory.mktemp(name)
        text = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))["model"]
        (folder / "yang").mkdir()
        (folder / "yang" / "t.yang").write_text(FRAME.format(model=text), encoding="utf-8")
        out = f"instances_{name}"
        publish.write(folder / out, emit.render(schema.load(folder / "yang")))
        sys.path.insert(0, str(folder))
        try:
            return importlib.import_module(f"{out}.t").MODEL
        finally:
            sys.path.remove(str(folder))

    return model


@pytest.mark.parametrize(
    ("name", "verdict", "document"),
    [
        pytest.param(name, verdict, document, id=f"{name}-{verdict}-{number}")
        for name, number, verdict, document in cases()
    ],
)
def test_the_verdict_is_that_of_the_rfc(models, name, verdict, document):
    model = models(name)
    if verdict == "invalid":
        with pytest.raises(PolycubeError) as failure:
            load(model, document)
        assert failure.value.parts[0].path.startswith("/") or document == {}
        return
    canonical = load(model, document)
    written = dump(model, canonical)
    assert load(model, json.loads(json.dumps(written))) == canonical
