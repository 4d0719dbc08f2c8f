"""Runs llama.cpp's server in this process: python -m edgeway.small_model.server MODEL, xllamacpp being importable."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import xllamacpp

from edgeway.model_process import STAYS_WITH_PARENT, when_the_parent_ends
from edgeway.small_model import CALLERS_AT_ONCE, CONTEXT_WINDOW, MODEL

TEMPLATE: Final = Path(__file__).with_name("tools.jinja")
"""The model's own chat template has no tools. With this one, llama.cpp reads and constrains tool calls."""
MOST_THREADS: Final = 8
"""A model this small gains nothing from more, and loses most of its speed where each thread has no core for itself."""
ONLY_ERRORS: Final = 1


def parameters(model: Path, port: int) -> xllamacpp.CommonParams:
    """Return what llama.cpp is to run, and how."""
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(model)
    chosen.model_alias = {MODEL}
    chosen.port = port
    chosen.n_ctx = CONTEXT_WINDOW * CALLERS_AT_ONCE
    chosen.n_parallel = CALLERS_AT_ONCE
    threads = min(max((os.cpu_count() or 1) - 1, 1), MOST_THREADS)  # a core is left to the gateway and its caller
    chosen.cpuparams.n_threads = chosen.cpuparams_batch.n_threads = threads
    chosen.use_jinja = True
    chosen.chat_template = TEMPLATE.read_text()
    chosen.ui = False
    chosen.cors_origins = "http://127.0.0.1"  # the default lets every page in a browser on this machine ask
    chosen.verbosity = ONLY_ERRORS
    return chosen


def main() -> None:
    """Serve until the process is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m edgeway.small_model.server")
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(STAYS_WITH_PARENT, action="store_true", dest="stays")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    server = xllamacpp.Server(parameters(options.model, options.port))
    if options.stays:
        when_the_parent_ends(lambda: os._exit(0))
    sys.stdout.write(f"{urlsplit(server.listening_address).port}\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
