"""What of the real kernel's face needs no kernel."""

import asyncio
import os
import threading

import pytest

from polycube_runtime.bpf import linux
from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.spec import Hook, ProgramSpec

pytestmark = pytest.mark.anyio
SPEC = ProgramSpec("p", Hook.TC, b"", ())


@pytest.mark.parametrize("refused", [False, True])
async def test_a_program_that_nobody_waits_for_any_more_is_closed(monkeypatch, refused):
    go, closed = threading.Event(), []
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))

    def load(_spec, _code) -> int:
        go.wait(5)
        if refused:
            message = "no"
            raise KernelRefused(message)
        return 12345

    monkeypatch.setattr(linux, "_load", load)
    monkeypatch.setattr(os, "close", closed.append)
    loading = asyncio.create_task(linux.LinuxKernel().load(SPEC, {}))
    await asyncio.sleep(0.01)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert closed == []
    go.set()
    await asyncio.sleep(0.05)
    monkeypatch.undo()
    assert closed == ([] if refused else [12345])
    assert complaints == []
