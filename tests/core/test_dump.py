"""The original's dump file, read and written."""

import asyncio
import json

import pytest

from polycube_runtime.core.durable import dump
from polycube_runtime.core.durable.dump import Dump
from polycube_runtime.support.errors import OperationFailed
from tests.fakes import create

pytestmark = pytest.mark.anyio

ORIGINAL = """\
[
  {
    "fdb": {"aging-time": 300},
    "loglevel": "INFO",
    "name": "br1",
    "ports": [
      {"name": "p1", "peer": "veth1", "status": "UP", "uuid": "b2d6"}
    ],
    "service-name": "simplebridge",
    "shadow": false,
    "span": false,
    "type": "TC",
    "uuid": "d138da68-f6f4-4ee9-8238-34e9ab1df156"
  }
]
"""


@pytest.mark.parametrize(
    "text",
    [
        ORIGINAL,
        "# mine\n- name: br1\n  service-name: simplebridge\n  ports: [{name: p1, peer: veth1}]\n",
    ],
)
async def test_what_the_original_wrote_and_yaml_is_created(polycube, tmp_path, text):
    file = tmp_path / "cubes.yaml"
    file.write_text(text)
    (found,) = dump.read(file)
    async with polycube.change() as undo:
        await polycube.create("simplebridge", polycube.prepare("simplebridge", found), undo)
    assert polycube.cubes["br1"].ports["p1"].peer == "veth1"


@pytest.mark.parametrize("text", ["", "{}", "[]", "\n", "{}\n"])
def test_nothing_is_no_cube(tmp_path, text):
    file = tmp_path / "cubes.yaml"
    file.write_text(text)
    assert dump.read(file) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[{]: x", r"cubes\.yaml is neither JSON nor YAML"),
        ('{"name": "br1"}', r"cubes\.yaml is no dump of cubes: it must be an array"),
        ("just words", "it must be an array"),
        ('[{"name": "br1"}]', "element 0 has no 'service-name'"),
        ('[{"service-name": "x", "name": 5}]', "element 0 has no 'name'"),
        ("[3]", "element 0 has no 'name'"),
        ("!!python/object/apply:os.getcwd []", "neither JSON nor YAML"),
    ],
)
def test_what_is_no_dump_is_refused(tmp_path, text, reason):
    file = tmp_path / "cubes.yaml"
    file.write_text(text)
    with pytest.raises(OperationFailed, match=reason):
        dump.read(file)


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(OperationFailed, match=r"none\.yaml cannot be read: .*No such file"):
        dump.read(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(OperationFailed, match=r"bytes\.yaml cannot be read"):
        dump.read(tmp_path / "bytes.yaml")


@pytest.fixture
async def following(polycube, tmp_path, monkeypatch):
    monkeypatch.setattr(dump, "DELAY", 0.01)
    file = tmp_path / "cubes.yaml"
    following = Dump(polycube, file)
    yield file
    if following._changed in polycube.observers:
        await following.close()


async def test_it_is_written_after_a_transaction_as_the_original_does(polycube, following):
    await create(polycube, "simplebridge", "br1", ports=[{"name": "p1", "peer": "veth1"}])
    cube = polycube.cubes["br1"]
    cube.tables["fwdtable"].put(
        {"address": "02:00:00:00:00:01", "port": "p1", "type": "dynamic", "age": 1}
    )
    await asyncio.sleep(0.1)
    text = following.read_text()
    found = json.loads(text)
    assert text == json.dumps(found, indent=2) + "\n"
    assert [list(one)[:3] for one in found] == [["name", "type", "service-name"]]
    assert found[0]["ports"] == [{"name": "p1", "peer": "veth1", "tcubes": []}]
    assert found[0]["fdb"] == {"aging-time": 300, "entry": []}, "what is learnt is no configuration"
    assert dump.read(following) == found
    assert following.stat().st_mode & 0o777 == 0o600
    await polycube.delete(cube)
    await asyncio.sleep(0.1)
    assert dump.read(following) == []


async def test_many_transactions_are_few_writes_and_the_last_is_in_it(
    polycube, tmp_path, monkeypatch
):
    written = []
    monkeypatch.setattr(dump, "write", lambda _, cubes: written.append(len(cubes)))
    following = Dump(polycube, tmp_path / "cubes.yaml")
    for number in range(10):
        await create(polycube, "helloworld", f"h{number}")
    await following.close()
    assert written == [10]
    await create(polycube, "helloworld", "late")
    assert written == [10]


async def test_a_file_that_cannot_be_written_hinders_no_change(polycube, tmp_path, caplog):
    following = Dump(polycube, tmp_path / "nowhere" / "cubes.yaml")
    await create(polycube, "helloworld", "h1")
    await following.close()
    assert "h1" in polycube.cubes
    assert "cubes.yaml cannot be written: [Errno 2] No such file or directory" in caplog.text


def test_half_of_it_is_never_seen(tmp_path, monkeypatch):
    file = tmp_path / "cubes.yaml"
    dump.write(file, [{"name": "old", "service-name": "x"}])

    def cut(_cubes, out, **_):
        out.write("[")
        message = "no space left"
        raise OSError(message)

    monkeypatch.setattr(dump.json, "dump", cut)
    with pytest.raises(OSError, match="no space left"):
        dump.write(file, [])
    assert dump.read(file) == [{"name": "old", "service-name": "x"}]
