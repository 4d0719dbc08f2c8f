"""One process of a server: `python -m edgeway.local.processes.process`, started and led by its supervisor.

It gets its orders as lines on a socket, and says there when it is ready. When that socket ends, so does the process.
"""

from __future__ import annotations

import asyncio
import pickle
import signal
import socket
import sys

import uvloop

from edgeway.local.console.output import captured_output
from edgeway.local.console.request_lines import Reporter
from edgeway.local.processes.plan import READY, RETIRE, Plan
from edgeway.local.processes.server import LocalServer
from edgeway.local.processes.settings import Settings
from edgeway.local.web import descriptors


def main() -> None:
    """Serve until told to end."""
    plan: Plan = pickle.load(sys.stdin.buffer)  # noqa: S301 from the supervisor
    orders, listener = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    descriptors.raise_limit()
    reporter = plan.make_reporter(plan.settings)
    with captured_output(reporter.output), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(plan.settings, reporter, listener, orders))


async def _serve(settings: Settings, reporter: Reporter, listener: socket.socket, orders: socket.socket) -> None:
    terminated = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminated.set)
    server = LocalServer(settings, reporter, listener)
    await server.start()
    reader, writer = await asyncio.open_connection(sock=orders)
    writer.write(b" ".join([READY, *(name.encode() for name in server.unusable)]) + b"\n")
    end = asyncio.create_task(terminated.wait())
    order = asyncio.create_task(reader.readline())
    await asyncio.wait([order, end], return_when=asyncio.FIRST_COMPLETED)
    if order.done() and order.result() == RETIRE:
        finished = asyncio.create_task(server.stop(None))
        orphaned = asyncio.create_task(reader.readline())
        await asyncio.wait([finished, orphaned, end], return_when=asyncio.FIRST_COMPLETED)
    await server.stop(settings.grace)


if __name__ == "__main__":
    main()
