from __future__ import annotations

import asyncio

import pytest

from edgeway.local.web import gathering
from edgeway.local.web.gathering import MOST_GATHERED, GatheringTransport

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Recorded(asyncio.Transport):
    """Remembers what is done with it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []

    def write(self, data: object) -> None:
        self.done.append(bytes(data).decode())  # type: ignore[call-overload]

    def write_eof(self) -> None:
        self.done.append("end")

    def resume_reading(self) -> None:
        self.done.append("reading")

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")


async def test_what_is_written_in_one_turn_leaves_at_once() -> None:
    recorded = Recorded()
    transport = GatheringTransport(recorded)
    for piece in (b"head ", bytearray(b"and "), memoryview(b"body")):
        transport.write(piece)
    assert recorded.done == []
    await asyncio.sleep(0)
    assert recorded.done == ["head and body"]
    transport.write(b"more")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert recorded.done == ["head and body", "more"]


async def test_nothing_is_lost_by_closing() -> None:
    recorded = Recorded()
    transport = GatheringTransport(recorded)
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert recorded.done == ["last words", "closed"]


async def test_aborting_is_at_once() -> None:
    recorded = Recorded()
    transport = GatheringTransport(recorded)
    transport.write(b"never sent")
    transport.abort()
    await asyncio.sleep(0)
    assert recorded.done == ["aborted"]


async def test_a_buffer_may_change_after_it_has_been_written() -> None:
    recorded = Recorded()
    transport = GatheringTransport(recorded)
    buffer = bytearray(b"before")
    transport.write(buffer)
    buffer[:] = b"after!"
    await asyncio.sleep(0)
    assert recorded.done == ["before"]


async def test_much_leaves_before_the_turn_is_over() -> None:
    """A body that is always ready never ends its turn."""
    recorded = Recorded()
    transport = GatheringTransport(recorded)
    piece = "x" * (MOST_GATHERED // 2)
    for _ in range(3):
        transport.write(piece.encode())
    assert recorded.done == [piece * 3]


async def test_what_is_said_last_is_not_lost_on_a_caller_who_still_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """To close while something arrives resets the connection, and with it what has not been read."""
    monkeypatch.setattr(gathering, "LINGER_SECONDS", 0)
    recorded = Recorded()
    transport = GatheringTransport(recorded, lingers=lambda: True)
    transport.write(b"last words")
    transport.close()
    transport.close()
    assert transport.is_closing()
    assert recorded.done == ["last words", "end", "reading"]
    await asyncio.sleep(0.01)
    assert recorded.done == ["last words", "end", "reading", "closed"]


async def test_a_connection_that_nobody_reads_is_not_closed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "CLOSE_SECONDS", 0)

    class Unread(Recorded):
        def get_write_buffer_size(self) -> int:
            return 1

    recorded = Unread()
    GatheringTransport(recorded).close()
    await asyncio.sleep(0.01)
    assert recorded.done == ["closed", "aborted"]
