"""python -m edgeway.small_model [--port 0]: install the small model if need be, serve it, and print the port."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from edgeway.small_model.installation import MODEL_FILE, InstallationError, default_folder, installed


def main() -> None:
    """Become the server, in an environment that has the installed packages besides our own."""
    parser = argparse.ArgumentParser(
        prog="python -m edgeway.small_model",
        description="Serves a real small language model over HTTP. Other options are those of the server module.",
    )
    parser.add_argument("--folder", type=Path, default=default_folder(os.environ), help="where the model is kept")
    options, for_server = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that an unfinished download ends and leaves nothing
    try:
        site = installed(options.folder)
    except InstallationError as error:
        sys.exit(str(error))
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "edgeway.small_model.server", str(site / MODEL_FILE), *for_server]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})  # noqa: S606 - our own module


if __name__ == "__main__":
    main()
