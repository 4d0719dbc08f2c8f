"""python -m edgeway.demo [--port 0] [--pace 0.02]: serve the demo model, and print the port."""

from __future__ import annotations

import argparse
import socket
import sys

import uvicorn

from edgeway.demo.server import DemoModel
from edgeway.model_process import STAYS_WITH_PARENT, when_the_parent_ends

PACE = 0.02
"""Seconds between two words: fast to read, slow enough to be seen streaming."""


def main() -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m edgeway.demo", description="Serves Edgeway's demo model.")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--pace", type=float, default=PACE, help="seconds between two words")
    parser.add_argument(STAYS_WITH_PARENT, action="store_true", dest="stays", help="end when standard input closes")
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", options.port), backlog=1024)
    server = uvicorn.Server(
        uvicorn.Config(
            DemoModel(options.pace),
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    if options.stays:
        when_the_parent_ends(lambda: setattr(server, "should_exit", True))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
