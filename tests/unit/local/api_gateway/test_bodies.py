from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from edgeway.local.api_gateway import bodies
from edgeway.local.api_gateway.bodies import LARGE, LARGE_AT_ONCE, BodyReader, CallerGone, Room, Sizes
from edgeway.local.web.asgi import Message
from edgeway.local.web.failures import Failure, Refused

pytestmark = pytest.mark.anyio

SIZES = Sizes(body=10, event=20, together=15, whose="ours")
TOO_LARGE = Failure(413, "request_too_large", "The request exceeds 10 bytes, ours")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def read(reader: BodyReader, *pieces: bytes | None) -> bytes | bytearray | Failure | None:
    """What comes of a body that arrives in these pieces; None: the caller hangs up."""
    messages = iter(list(received(pieces)))

    async def receive() -> Message:
        return next(messages)

    try:
        return await reader.read(receive)
    except Refused as refused:
        return refused.failure
    except CallerGone:
        return None


def received(pieces: Iterable[bytes | None]) -> Iterable[Message]:
    last = [*pieces][-1]
    for piece in pieces:
        if piece is None:
            yield {"type": "http.disconnect"}
        else:
            yield {"type": "http.request", "body": piece, "more_body": piece is not last}


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((b"",), b""),
        ((b"01234", b"56789"), b"0123456789"),
        ((b"01234", b"56789x", b"never read"), TOO_LARGE),
        ((b"01234", None), None),
    ],
)
async def test_a_body_is_read_up_to_its_limit(pieces: tuple[bytes | None, ...], body: bytes | Failure | None) -> None:
    assert await read(BodyReader(SIZES, Room(SIZES.together)), *pieces) == body


async def test_bodies_share_their_room_until_their_requests_have_ended() -> None:
    room = Room(SIZES.together)
    first, second, third = (BodyReader(SIZES, room) for _ in range(3))
    assert await read(first, b"0123456789") == b"0123456789"
    refused = await read(second, b"01234", b"5")
    assert isinstance(refused, Failure)
    assert (refused.status, refused.type, refused.retry_after_seconds) == (529, "overloaded_error", 10)
    second.release()
    assert room.left == 5
    first.release()
    first.release()
    assert (room.left, await read(third, b"0123456789")) == (15, b"0123456789")


async def turn(reader: BodyReader, body: bytes) -> None:
    assert await read(reader, body) == body
    await reader.turn()


def large_readers() -> tuple[list[BodyReader], BodyReader]:
    """As many as may take in a large body at once, and one more."""
    sizes = Sizes(body=2 * LARGE, event=None, together=20 * LARGE, whose="ours")
    room = Room(sizes.together)
    *first, last = (BodyReader(sizes, room) for _ in range(LARGE_AT_ONCE + 1))
    return first, last


async def test_few_large_bodies_are_taken_in_at_once() -> None:
    """A function reads one in one go, in which nobody else is served."""
    first, last = large_readers()
    for reader in first:
        await asyncio.wait_for(turn(reader, b"x" * (LARGE + 1)), 1)
    waiting = asyncio.create_task(turn(last, b"x" * (LARGE + 1)))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    first[0].release()
    await asyncio.wait_for(waiting, 1)


async def test_other_bodies_do_not_wait_for_large_ones() -> None:
    first, last = large_readers()
    for reader in first:
        await turn(reader, b"x" * (LARGE + 1))
    await asyncio.wait_for(turn(last, b"x" * LARGE), 1)


async def test_who_waits_for_his_upstream_does_not_keep_large_bodies_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "LARGE_SECONDS", 0.01)
    first, last = large_readers()
    for reader in first:
        await turn(reader, b"x" * (LARGE + 1))
    await asyncio.wait_for(turn(last, b"x" * (LARGE + 1)), 1)
    for reader in (*first, last):
        reader.release()
    assert last._room.large._value == LARGE_AT_ONCE  # given back once each


@pytest.mark.parametrize("event", [20, 21])
def test_an_event_has_a_limit_where_lambda_is_played(event: int) -> None:
    if event > 20:
        with pytest.raises(Refused):
            SIZES.check(event=event)
    else:
        SIZES.check(event=event)
    Sizes(body=10, event=None, together=15, whose="ours").check(event=10**9)
