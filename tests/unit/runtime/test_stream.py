"""The chunks of a response, and how they wait for who reads them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from streaming.stream import CallerGoneError, ResponseStream

MORE_THAN_A_SOCKET_TAKES = 8_000_000


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[ResponseStream, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        stream = ResponseStream(*await asyncio.open_connection(sock=ours))
        yield stream, theirs
        stream.close()
        await asyncio.sleep(0)


async def received(connection: socket.socket, size: int) -> bytes:
    """As many bytes; fewer, if the other side ends before."""
    data = bytearray()
    while piece := await asyncio.get_running_loop().sock_recv(connection, size - len(data)):
        data += piece
    return bytes(data)


def test_nothing_is_sent_for_an_empty_piece() -> None:
    async def run() -> bytes:
        async with connected() as (stream, theirs):
            for piece in (b"", b"one", b"", b"x" * 16):
                await stream.send(piece)
            stream.close()
            return await received(theirs, 100)

    assert asyncio.run(run()) == b"3\r\none\r\n10\r\nxxxxxxxxxxxxxxxx\r\n"


def test_a_piece_is_sent_when_it_is_taken() -> None:
    async def run() -> bytes:
        async with connected() as (stream, theirs):
            sending = asyncio.create_task(stream.send(bytes(MORE_THAN_A_SOCKET_TAKES)))
            done, _ = await asyncio.wait([sending], timeout=0.1)
            assert done == set()
            chunk = await received(theirs, len(b"7a1200\r\n") + MORE_THAN_A_SOCKET_TAKES + 2)
            await sending
            return chunk

    assert asyncio.run(run()) == b"7a1200\r\n" + bytes(MORE_THAN_A_SOCKET_TAKES) + b"\r\n"


def test_a_caller_that_hangs_up_is_gone_and_stays_gone() -> None:
    async def run() -> None:
        async with connected() as (stream, theirs):
            theirs.close()
            for _ in range(2):
                with pytest.raises(CallerGoneError):
                    await stream.send(b"one")
            with pytest.raises(CallerGoneError):
                await stream.finish()

    asyncio.run(run())


def test_a_caller_that_hangs_up_while_a_piece_waits_is_gone() -> None:
    async def run() -> None:
        async with connected() as (stream, theirs):
            sending = asyncio.create_task(stream.send(bytes(MORE_THAN_A_SOCKET_TAKES)))
            await asyncio.sleep(0)
            theirs.close()
            with pytest.raises(CallerGoneError):
                await sending

    asyncio.run(run())


def test_nothing_follows_half_a_chunk() -> None:
    async def run() -> bytes:
        async with connected() as (stream, theirs):
            sending = asyncio.create_task(stream.send(bytes(MORE_THAN_A_SOCKET_TAKES)))
            await asyncio.sleep(0)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            stream.close()
            return await received(theirs, 2 * MORE_THAN_A_SOCKET_TAKES)

    half = asyncio.run(run())
    assert half == b"7a1200\r\n" + bytes(len(half) - len(b"7a1200\r\n"))
    assert len(half) < MORE_THAN_A_SOCKET_TAKES


def test_an_answer_that_is_no_http_is_a_caller_gone() -> None:
    async def run() -> None:
        async with connected() as (stream, theirs):
            theirs.send(b"what?\r\n\r\n")
            with pytest.raises(CallerGoneError):
                await stream.finish()

    asyncio.run(run())
