"""Data planes in the original's style, loaded as services that have nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.testing import LoadedCube
from polycube_services.simplebridge import Simplebridge
from polycube_services.transparenthelloworld import Transparenthelloworld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from polycube_runtime.support.control import ControlPlane

FOLDER = Path(__file__).parent


def service_of(files: Mapping[str, str], base: type[ControlPlane]) -> type[ControlPlane]:
    """Make a service of C files in this folder, by program; `base` has ports, or has none."""
    paths = {program: FOLDER / name for program, name in files.items()}

    def datapath(_service: type[ControlPlane]) -> Mapping[str, Path]:
        return paths

    members = {"datapath": classmethod(datapath), "__module__": base.__module__}
    return type(base.__name__, (base,), members)


@pytest.fixture(params=["TC", "XDP_SKB"])
def load(request: pytest.FixtureRequest) -> Iterator[Callable[..., LoadedCube]]:
    """Give a function that loads C files as a cube, at TC and at XDP: with three ports, or none."""
    cubes: list[LoadedCube] = []

    def make(*, transparent: bool = False, **files: str) -> LoadedCube:
        base: type[ControlPlane] = Transparenthelloworld if transparent else Simplebridge
        config: dict[str, Any] = {"type": request.param}
        if not transparent:
            config["ports"] = [{"name": f"p{number}"} for number in range(3)]
        cube = LoadedCube(service_of(files, base), config).__enter__()
        cubes.append(cube)
        return cube

    yield make
    for cube in cubes:
        cube.__exit__(None, None, None)
