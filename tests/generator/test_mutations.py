"""Documents made from the IR: valid ones are accepted, and each broken constraint is found."""

import importlib
import sys
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polycube_generator import emit, publish, schema
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.instance import dump, load
from tests.generator import breaking, cases
from tests.generator.mutations import Documents

BOUNDED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the documents of the model, and the generated model."""
    folder = tmp_path_factory.mktemp("mutations")
    documents = Documents(folder)
    publish.write(folder / "mutated_models", emit.render(schema.load(folder)))
    sys.path.insert(0, str(folder))
    try:
        return documents, importlib.import_module("mutated_models.t").MODEL
    finally:
        sys.path.remove(str(folder))


@BOUNDED
@given(seed=st.integers(0, 2**32))
def test_what_fulfils_the_model_is_accepted(made, seed):
    documents, model = made
    document = documents.valid(Random(seed))  # noqa: S311
    canonical = load(model, document)
    assert load(model, dump(model, canonical)) == canonical


@BOUNDED
@given(seed=st.integers(0, 2**32))
def test_one_broken_constraint_is_found_where_it_is(made, seed):
    documents, model = made
    for mutant in documents.mutants(documents.valid(Random(seed))):  # noqa: S311
        with pytest.raises(PolycubeError) as failure:
            load(model, mutant.document)
        parts = failure.value.parts
        assert all(part.path.startswith(mutant.path) for part in parts), (mutant, parts)
        assert not mutant.tag or mutant.tag in {part.app_tag for part in parts}, (mutant, parts)


@pytest.mark.parametrize("case", cases.read(), ids=lambda case: case.name)
def test_whatever_is_broken_in_a_hard_document_is_found(case, tmp_path):
    case.write(tmp_path / "yang")
    found = {one.name: one for one in schema.load(tmp_path / "yang", (), case.features)}
    package = f"broken_{case.name.replace('-', '_')}"
    publish.write(tmp_path / package, emit.render(found.values()))
    sys.path.insert(0, str(tmp_path))
    try:
        model = importlib.import_module(f"{package}.{case.of}").MODEL
    finally:
        sys.path.remove(str(tmp_path))
    for verdict, document in case.documents:
        if verdict == "valid" and not document.side:
            for mutant in breaking.mutants(found[case.of], document.data):
                with pytest.raises(PolycubeError) as failure:
                    load(model, mutant.document)
                parts = failure.value.parts
                assert all(part.path.startswith(mutant.path) for part in parts), (mutant, parts)
