"""`edgeway local` from its start to its end: what it prints first, its signals, and a clean stop."""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
from contextlib import AsyncExitStack
from typing import Final

from rich.console import Console

from edgeway.local.reload import reloading
from edgeway.local.request_lines import RequestLines
from edgeway.local.server import running
from edgeway.local.settings import Settings

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


async def serve(settings: Settings, listener: socket.socket, key: str, console: Console) -> None:
    """Serve until a signal comes. `key` is what callers are to send.

    Raises TemplateError where there is nothing to serve.
    """
    console.print("Starting the functions …")
    _on_signals(asyncio.current_task())
    try:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(running(settings, RequestLines(console), listener))
            if settings.reload:
                await stack.enter_async_context(reloading(server))
            text = READY.format(url=_url(listener), key=shlex.quote(key), model=MODEL)
            console.print(text, highlight=False, markup=False, soft_wrap=True)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        console.print("Stopped.")


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
