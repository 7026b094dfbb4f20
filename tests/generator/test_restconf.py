"""The YANG that RESTCONF has for a service: the same model, below a list of cubes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import resources, schema
from polycube_generator.restconf import modules

FOLDER = Path(__file__).with_name("restconf_yang")
STANDARD = resources.standard_models()
needs_yanglint = pytest.mark.skipif(not shutil.which("yanglint"), reason="needs Debian's yanglint")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The modules of a service, with what another module adds to it, as files."""
    repository = FileRepository(use_env=False, no_path_recurse=True)
    folders = [FOLDER, resources.models(), STANDARD / "ietf", STANDARD / "iana"]
    repository.dirs = [str(one) for one in folders]
    context = Context(repository)
    for name in ("guard-plus", "guard"):
        text = (FOLDER / f"{name}.yang").read_text()
        module = context.add_module(str(FOLDER / f"{name}.yang"), text)
    context.validate()
    found = tmp_path_factory.mktemp("guard")
    for name, text in modules.texts(module).items():
        (found / f"{name}.yang").write_text(text)
    return found


def lint(folder: Path, *more: str) -> str:
    """Return what yanglint finds wrong."""
    own = [str(folder / f"{name}.yang") for name in ("guard-types", "guard", "guard-plus")]
    path = [f"-p{one}" for one in (STANDARD / "ietf", STANDARD / "iana", folder)]
    done = subprocess.run(
        ["yanglint", *path, *more, *own, *([str(folder / "data.json")] if more else [])],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stderr if done.returncode else ""


@needs_yanglint
def test_the_modules_are_valid(folder):
    assert sorted(one.name for one in folder.iterdir() if one.suffix == ".yang") == [
        "guard-plus.yang", "guard-types.yang", "guard.yang",
    ]  # fmt: skip
    assert lint(folder) == ""


DOOR = {"name": "front"}


def doors(**members: object) -> dict:
    return {"doors": {"door": [{**DOOR, **members}]}}


@needs_yanglint
@pytest.mark.parametrize(
    ("members", "valid"),
    [
        ({}, True),
        ({"alarm": "guard-types:bell"}, True),
        ({"alarm": "loud"}, True),
        ({"alarm": "guard-types:alarm"}, False),
        ({"level": 50}, True),
        ({"level": 51}, False),
        ({"rate": "0.4"}, False),
        ({"flags": "a b"}, True),
        ({"who": "10.0.0.1"}, True),
        ({"who": "nobody"}, True),
        ({"who": "front", **doors()}, True),
        ({"who": "back", **doors()}, False),
        ({"gone": "x"}, False),
        (doors(next="front"), True),
        (doors(next="back"), False),
        (doors(inner={"code": "bcd"}), True),
        (doors(inner={"code": "bcxd"}), False),
        (doors(inner={"code": "bce"}), False),
        (doors(inner={"code": "bcd", "locked": False}), False),
        ({"enabled": False, **doors(inner={"code": "bcd"})}, False),
        (doors(inner={"other": "x"}), True),
        ({"alarm": "loud", **doors(inner={"other": "x"})}, False),
        (doors(a=-5), True),
        (doors(a=0), False),
        (doors(b={"x": [None]}, a=1), False),
        (doors(b={}), False),
        (doors(**{"guard-plus:colour": "red", "guard-plus:box": {"size": 4}}), True),
        (doors(colour="red"), False),
        (doors(**{"guard-plus:c": "loud"}), False),
        (doors(**{"guard-plus:c": "guard:loud", "a": 1}), False),
        ({"doors": {"all": True, "added": "x"}}, True),
        ({"enabled": False, "doors": {"all": True}}, False),
        ({"enabled": False, "doors": {"added": "x"}}, False),
    ],
)
def test_what_is_valid_stays_so(folder, members, valid):
    """Of each cube for itself: another one that has the doors, and is enabled, changes nothing."""
    other = {"name": "g2", "doors": {"door": [{"name": "back"}]}}
    data = {"guard:guard": [{"name": "g1", **members}, other]}
    (folder / "data.json").write_text(json.dumps(data))
    problem = lint(folder, "-tconfig")
    assert (problem == "") == valid, problem


def test_it_is_generated_with_the_service(tmp_path):
    shutil.copy(FOLDER / "guard.yang", tmp_path)
    shutil.copy(FOLDER / "guard-types.yang", tmp_path)
    (service,) = schema.load(tmp_path)
    assert list(service.restconf) == ["guard", "guard-types"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("/limit > 3", "current()/../limit > 3"),
        ("count(/*/own) = 1", "count(current()/../*/own) = 1"),
        ("2 * /limit > 3", "2 * current()/../limit > 3"),
        ("../or/div = 1 or /limit", "../or/div = 1 or current()/../limit"),
        ("../own  !=\n  'a  /b'", "../own != 'a  /b'"),
    ],
)
def test_a_slash_is_the_cube_where_an_operand_is_due(models, written, shown):
    service = models.load(
        f"""
        leaf limit {{ type uint8; }}
        container or {{ leaf div {{ type uint8; }} leaf own {{ type string; }} }}
        leaf own {{ type string; must "{written}"; }}
        """
    )
    assert shown in service.restconf["demo"]
