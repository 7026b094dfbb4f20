"""A module that has a part in several services is served as one text (RFC 7950, section 5.6.5)."""

import shutil
import subprocess

import pytest
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import resources
from polycube_generator.restconf import modules as generated
from polycube_runtime.rest.restconf.modules import Module, merged
from polycube_runtime.rest.restconf.uniting import united

SERVICE = """
module {name} {{
  yang-version 1.1; namespace "urn:{name}"; prefix s;
  import polycube-base {{ prefix pb; }}
  import polycube-transparent-base {{ prefix tb; }}
  pb:service-description "S"; pb:service-name "{name}";
  uses tb:transparent-base-yang-module;
  leaf mode {{ type string; }}
  container inner;
}}
"""
PLUS = """
module plus {
  yang-version 1.1; namespace "urn:plus"; prefix plus;
  import one { prefix one; }
  import two { prefix two; }
  import ietf-inet-types { prefix inet; }
  description "Adds to both: \\"{ } ; 'x'\\"";
  revision 2026-02-01;
  identity kind;
  identity big { base kind; }
  augment "/one:inner" { when "../one:mode = 'a'"; leaf size { type identityref { base kind; } } }
  augment "/one:inner" { leaf more { type inet:port-number; } }
  augment "/two:inner" { when "../two:mode = 'b'"; leaf size { type int8; } }
}
"""


@pytest.fixture(scope="module")
def parts() -> list[dict[str, str]]:
    """The modules of each of the two services."""
    standard = resources.standard_models()
    repository = FileRepository(use_env=False, no_path_recurse=True)
    repository.dirs = [str(one) for one in (resources.models(), standard / "ietf")]
    context = Context(repository)
    one, two = (
        context.add_module(f"{name}.yang", SERVICE.format(name=name)) for name in ("one", "two")
    )
    context.add_module("plus.yang", PLUS)
    context.validate()
    assert not [error for error in context.errors if "ietf" not in error[0].ref]
    return [generated.texts(service) for service in (one, two)]


def as_module(name: str, text: str, revision: str = "2026-02-01") -> Module:
    return Module(name, revision, f"urn:{name}", implemented=True, text=text)


def test_what_a_module_adds_to_two_services_is_in_one_text(parts):
    found = [as_module(name, text) for part in parts for name, text in part.items()]
    once = {one.name: one.text for one in merged(found)}
    assert once.keys() == {"one", "two", "plus"}
    text = once["plus"]
    assert [text.count(f"\n  {one}") for one in ("revision", "prefix", "identity", "import")] == [
        1, 1, 2, 3,
    ]  # fmt: skip
    assert text.count("augment ") == 3
    for name in ("one-conditional-1", "two-conditional-1"):
        assert text.count(f"grouping {name}") == 1
    checker = Context(FileRepository(""))
    for name, one in once.items():
        checker.add_module(f"{name}.yang", one)
    checker.validate()
    assert not [error for error in checker.errors if "ietf" not in error[0].ref]


@pytest.mark.skipif(not shutil.which("yanglint"), reason="needs Debian's yanglint")
def test_yanglint_takes_it(parts, tmp_path):
    found = [as_module(name, text) for part in parts for name, text in part.items()]
    for one in merged(found):
        (tmp_path / f"{one.name}.yang").write_text(one.text)
    folder = resources.standard_models() / "ietf"
    files = [str(tmp_path / f"{name}.yang") for name in ("one", "two", "plus")]
    done = subprocess.run(
        ["yanglint", f"-p{folder}", f"-p{tmp_path}", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_newest_revision_comes_first():
    old = "module m {\n  prefix m;\n  revision 2025-01-01;\n  identity a;\n  identity b;\n}\n"
    new = "module m {\n  prefix m;\n  revision 2026-01-01;\n  identity a {\n    base b;\n  }\n}\n"
    parts = [as_module("m", old, "2025-01-01"), as_module("m", new, "2026-01-01")]
    expected = new.replace("  }\n}", "  }\n  identity b;\n}")
    for order in (parts, parts[::-1]):
        (one,) = merged(order)
        assert (one.revision, one.text) == ("2026-01-01", expected)


def test_a_service_that_adds_to_another_keeps_its_own_namespace():
    own = Module(
        "m", "", "urn:polycube:cubes:m", implemented=True, text="module m {\n  list m;\n}\n"
    )
    part = Module("m", "", "urn:m", implemented=True, text="module m {\n  augment '/x:x';\n}\n")
    for order in ([own, part], [part, own]):
        (one,) = merged(order)
        assert one.namespace == "urn:polycube:cubes:m"
        assert one.text == "module m {\n  list m;\n  augment '/x:x';\n}\n"
    (alone,) = merged([part, part._replace(text="")])
    assert alone.text == part.text


def test_equal_texts_are_one():
    text = "// head\nmodule m {\n  prefix m;\n}\n"
    assert united([text, text]) == text
