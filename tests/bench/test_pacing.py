"""Whether a token reaches the caller before the upstream writes the next one: 60 chunks, 10 ms apart.

Each chunk carries the time at which it was written, on the clock of this machine, so nothing absolute is asserted: of
every chunk is asked whether it arrived before the next one left.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from statistics import quantiles
from typing import NamedTuple

import psutil
import pytest
import uvloop

from tests.laws import check, decode, text_of
from tests.running import Gateway, running_gateway, running_upstream

CHUNKS, MILLISECONDS = 60, 10
STAMP = re.compile(rb'"text":"\d+ (\d+)\\n"')


class Stream(NamedTuple):
    """One streamed answer as it arrived; times are nanoseconds of the monotonic clock."""

    body: bytes
    written: list[int]
    received: list[int]

    def in_time(self) -> list[bool]:
        """Of every chunk but the last, whether it was here before the next one was written."""
        return [here < following for here, (_, following) in zip(self.received, pairwise(self.written), strict=False)]

    def transit_ms(self) -> list[float]:
        """From the upstream's write to our read."""
        return [(here - there) / 1e6 for here, there in zip(self.received, self.written, strict=True)]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with running_upstream() as upstream, running_gateway(upstream) as running:
        yield running


@pytest.mark.bench
@pytest.mark.parametrize("callers", [1, 50])
def test_each_chunk_arrives_before_the_next_is_written(
    callers: int, gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    uvloop.run(streams(gateway, callers))  # which the measured run then finds warm
    measured = uvloop.run(streams(gateway, callers))
    for stream in measured:
        events = decode(stream.body)
        check(events)
        assert len(text_of(events).splitlines()) == CHUNKS
    in_time = [each for stream in measured for each in stream.in_time()]
    transit = quantiles((ms for stream in measured for ms in stream.transit_ms()), n=100)
    share = sum(in_time) / len(in_time)
    figures = (
        f"{share:.1%} arrived before the next was written; transit p50 {transit[49]:.2f} ms, p95 {transit[94]:.2f} ms, "
        f"p99 {transit[98]:.2f} ms; {memory(gateway)}"
    )
    with capsys.disabled():
        print(f"\n{callers} callers: {figures}")  # noqa: T201 -- the figures are what a benchmark is for
    assert share >= 0.95


async def streams(gateway: Gateway, callers: int) -> list[Stream]:
    return await asyncio.gather(*(stream(gateway) for _ in range(callers)))


async def stream(gateway: Gateway) -> Stream:
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    asked = {
        "model": "gpt-5",
        "max_tokens": 1000,
        "stream": True,
        "messages": [{"role": "user", "content": f"[[play:pace-{CHUNKS}x{MILLISECONDS}]]"}],
    }
    body = json.dumps(asked).encode()
    head = (
        f"POST /v1/messages HTTP/1.1\r\nhost: {host}\r\nx-api-key: {gateway.key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    received, written, pieces = [], [], []
    while size := int(await reader.readline(), 16):
        piece = (await reader.readexactly(size + 2))[:-2]
        now = time.monotonic_ns()
        pieces.append(piece)
        for stamp in STAMP.findall(piece):
            written.append(int(stamp))
            received.append(now)
    writer.close()
    await writer.wait_closed()
    return Stream(b"".join(pieces), written, received)


def memory(gateway: Gateway) -> str:
    """Memory of the gateway and its processes, each shared page counted once (PSS)."""
    server = psutil.Process(gateway.pid)
    workers = [process.memory_full_info().pss for process in server.children(recursive=True)]
    own = server.memory_full_info().pss
    return f"server {own / 2**20:.0f} MB, {len(workers)} more processes {sum(workers) / 2**20:.0f} MB (PSS)"
