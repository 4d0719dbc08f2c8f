"""The places of a function: who is let in when, and that none is lost."""

from __future__ import annotations

import asyncio

import pytest

from edgeway.local.api_gateway.slots import Place, Slots
from edgeway.local.web.failures import Refused
from edgeway.local.web.limits import Limits

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_callers_are_served_in_the_order_of_their_coming() -> None:
    slots = Slots(Limits(streams=1))
    await slots.take()
    order: list[int] = []

    async def come(number: int) -> None:
        await slots.take()
        order.append(number)
        slots.release()

    comers = [asyncio.create_task(come(number)) for number in range(3)]
    await asyncio.sleep(0)
    slots.release()
    await asyncio.gather(*comers)
    assert order == [0, 1, 2]


async def test_no_place_is_lost_with_a_caller_who_goes_in_the_instant_of_his_turn() -> None:
    slots = Slots(Limits(streams=1, waiting=1))
    await slots.take()
    gone = asyncio.create_task(slots.take())
    await asyncio.sleep(0)
    slots.release()  # it is his turn, and he has not run yet
    gone.cancel()
    await asyncio.wait([gone])
    await asyncio.wait_for(slots.take(), 1)


async def test_a_place_is_not_given_to_a_caller_who_has_gone() -> None:
    slots = Slots(Limits(streams=1, waiting=2))
    await slots.take()
    gone, next_in_line = (asyncio.create_task(slots.take()) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    slots.release()
    await asyncio.wait_for(next_in_line, 1)


async def test_a_place_that_was_not_taken_is_not_given_back() -> None:
    slots = Slots(Limits(streams=1, waiting=0, wait=60))
    Place(slots).leave()
    await slots.take()
    with pytest.raises(Refused):
        await asyncio.wait_for(slots.take(), 1)
