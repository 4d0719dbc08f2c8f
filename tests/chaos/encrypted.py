"""Upstreams over TLS that go wrong before a byte of HTTP: a port for each fault, and one that is in order.

They are providers of an edgeway.toml, whose certificates the gateway is told to trust: what is refused is the fault.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos.truncating import serve_once
from tests.unit.gateway.certificates import ServerTls, self_signed

PRICED: Final = '[providers.openai.models."hostile/plain"]\nprices = { input = 0.20, output = 0.60 }\n'
"""Else a key with a budget may not ask for it."""
HELLO: Final = 64
"""Bytes that a client says before the server does anything."""
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What the gateway needs to be told."""

    configuration: Path
    trusted: Path
    expected: dict[str, str]
    """The end of what the caller sees, by the provider that it asks."""


async def _ends(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The handshake is cut."""
    await reader.read(HELLO)
    writer.close()


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The connection is reset within the handshake."""
    await reader.read(HELLO)
    connected: socket.socket = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _says_half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A record of the handshake begins and is cut."""
    await reader.read(HELLO)
    writer.write(b"\x16\x03\x03\x00\x7a\x02\x00")
    await writer.drain()
    writer.close()


async def _speaks_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No TLS at all."""
    await reader.read(HELLO)
    writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def _is_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Nothing is said until the other side goes."""
    try:
        while await reader.read(HELLO):
            pass
    except OSError:
        pass
    writer.close()


RAW: Final[dict[str, tuple[Talk, str]]] = {
    "tls-cut": (_ends, "529 overloaded_error"),
    "tls-reset": (_resets, "529 overloaded_error"),
    "tls-half": (_says_half, "529 overloaded_error"),
    "tls-none": (_speaks_http, "500 api_error"),
    "tls-silent": (_is_silent, "overloaded_error"),
}


@asynccontextmanager
async def encrypted(folder: Path) -> AsyncIterator[Encrypted]:
    """All of them."""
    certificates = {
        "tls-fine": (_made(folder / "fine"), "200 message_stop"),
        "tls-expired": (_made(folder / "expired", begins=-2, ends=-1), "500 api_error"),
        "tls-not-yet": (_made(folder / "later", begins=1, ends=2), "500 api_error"),
        "tls-wrong-name": (_made(folder / "other", host="another.example"), "500 api_error"),
        "tls-unknown": (_made(folder / "unknown"), "500 api_error"),
    }
    trusted = folder / "trusted.pem"
    known = [tls.path.read_text() for name, (tls, _) in certificates.items() if name != "tls-unknown"]
    trusted.write_text("".join(known))
    async with AsyncExitStack() as stack:
        ports: dict[str, int] = {}
        for name, (tls, _) in certificates.items():
            ports[name] = await _serving(stack, serve_once, tls)
        for name, (talk, _) in RAW.items():
            ports[name] = await _serving(stack, talk, None)
        configuration = folder / "edgeway.toml"
        configuration.write_text(
            PRICED
            + "".join(
                f'[providers.{name}]\nbase_url = "https://localhost:{port}/v1"\nauthentication = "none"\n'
                for name, port in ports.items()
            )
        )
        expected = {name: saw for name, (_, saw) in (*certificates.items(), *RAW.items())}
        yield Encrypted(configuration, trusted, expected)


def _made(folder: Path, *, host: str = "localhost", begins: int = -1, ends: int = 1) -> ServerTls:
    folder.mkdir()
    return self_signed(folder, host=host, begins=begins, ends=ends)


async def _serving(stack: AsyncExitStack, talk: Talk, tls: ServerTls | None) -> int:
    server = await asyncio.start_server(talk, "localhost", 0, family=socket.AF_INET, ssl=tls.context if tls else None)
    await stack.enter_async_context(server)
    port: int = server.sockets[0].getsockname()[1]
    return port
