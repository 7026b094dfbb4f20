"""The route socket, which several requests share."""

import asyncio

import pytest

from polycube_runtime.bpf.netlink import Netlink

pytestmark = pytest.mark.anyio


async def test_who_asks_at_the_same_time_is_answered_too():
    netlink = Netlink()
    try:
        answers = await asyncio.gather(*(netlink.netdevs() for _ in range(50)))
    finally:
        await netlink.close()
    assert all("lo" in answer for answer in answers)
