"""Services made of a few lines of YANG, and cubes of them, addressed as in URLs."""

import contextlib
import importlib
import sys

from polycube_generator import emit, publish, schema
from polycube_runtime.core.model.place import resolve
from polycube_runtime.support.validate import Mode, validate, validate_entry
from tests import fakes
from tests.generator.conftest import FRAME


@contextlib.contextmanager
def made(folder, name: str, body: str):
    """Yield the class of a standard service of that name, generated in `folder`."""
    filled = {"name": name, "service": name, "kind": "standard", "uses": ";"}
    (folder / f"{name}.yang").write_text(FRAME.format(body=body, **filled))
    models = [one for one in schema.load(folder) if one.name == name]
    publish.write(folder / f"made_{name}", emit.render(models))
    sys.path.insert(0, str(folder))
    class_name = models[0].class_name
    base = getattr(importlib.import_module(f"made_{name}.{name}"), class_name)
    yield type(name.capitalize(), (fakes.Told, type(f"_{name}", (base,), fakes._told(base))), {})
    sys.path.remove(str(folder))


def with_code(service, folder, code: str):
    """Return a service with this data plane, written to `folder`."""
    file = folder / "datapath.c"
    file.write_text(code)
    datapath = classmethod(lambda _service: {"ingress": file})
    return type(service.__name__, (service,), {"datapath": datapath})


class Session:
    """One cube, addressed as in URLs."""

    def __init__(self, polycube, cube) -> None:
        self.polycube, self.cube = polycube, cube

    def place(self, template="", *keys):
        path = f"/{{name}}/{template}" if template else "/{name}"
        return resolve(self.cube.service, path, (self.cube.name, *keys))

    async def read(self, template="", *keys, config=False):
        place = self.place(template, *keys)
        return await self.polycube.tree(self.cube).read(place, config=config)

    async def do(self, verb, template="", *keys, value=None):
        """Do it in a transaction, and return its records."""
        place, tree = self.place(template, *keys), self.polycube.tree(self.cube)
        async with self.polycube.change() as undo:
            if verb == "delete":
                await tree.delete(place, undo)
            else:
                check = validate_entry if place.is_entry else validate
                if place.is_entry:
                    value = {**dict(zip(place.node.keys, place.key, strict=True)), **value}
                if not place.steps:
                    value = {"name": self.cube.name, **value}
                mode = Mode.UPDATE if verb == "update" else Mode.CREATE
                checked = check(place.node, value, mode, place.path)
                if not place.steps:
                    checked.pop("name")
                await getattr(tree, verb)(place, checked, undo)
            return list(undo.records)

    def raw(self, name):
        return dict(self.cube.tables[name].map.items())
