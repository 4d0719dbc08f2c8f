"""`edgeway local` from its start to its end: what it prints first, its signals, and a clean stop."""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
from contextlib import AsyncExitStack
from typing import Final

from gateway.directory import configuration_of
from gateway.settings import read_settings

from edgeway.local.prices import PriceList
from edgeway.local.reload import reloading
from edgeway.local.request_lines import RequestLines
from edgeway.local.server import running
from edgeway.local.settings import Settings
from edgeway.local.terminal import Terminal

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
MODEL: Final = "claude-sonnet-4-20250514"
"""What Claude Code asks for by itself, and what the default route serves whichever provider is configured."""

READY: Final = """\
Edgeway is ready on {url} (Ctrl+C stops it)

Claude Code, in another terminal:
  export ANTHROPIC_BASE_URL={url}
  export ANTHROPIC_AUTH_TOKEN={key}
  export ANTHROPIC_MODEL={model}
  claude

Or by hand:
  curl {url}/v1/messages -H "x-api-key: {key}" -H "content-type: application/json" \\
    -d '{{"model": "{model}", "max_tokens": 100, "messages": [{{"role": "user", "content": "Hello"}}]}}'
"""


async def serve(settings: Settings, listener: socket.socket, key: str, terminal: Terminal) -> None:
    """Serve until a signal comes. `key` is what callers are to send.

    Raises TemplateError where there is nothing to serve.
    """
    terminal.print("Starting the functions …")
    prices = PriceList(lambda: configuration_of(read_settings(settings.operator)).catalogue)
    _on_signals(asyncio.current_task())
    try:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(running(settings, RequestLines(terminal, prices), listener))
            if settings.reload:
                await stack.enter_async_context(reloading(server))
            terminal.print(READY.format(url=_url(listener), key=shlex.quote(key), model=MODEL))
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        terminal.print("Stopped.")


def _on_signals(task: asyncio.Task[None] | None) -> None:
    """Cancel the task on the first signal; a second one would only interrupt the clean end."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        if task is not None:
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)


def _url(listener: socket.socket) -> str:
    """Return an address that works on this machine."""
    host, port, *_ = listener.getsockname()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 nothing is bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
