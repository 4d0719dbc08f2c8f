"""`make sam-local-up`: the gateway in containers, for a person to try, until Ctrl-C. The argument is its port."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from gateway.access.keys import mint_key

from edgeway.demo.server import DemoModel
from tests.running import ROOT
from tests.sam_local.engine import host_addresses, runtime_image, say
from tests.sam_local.gateway import listening, start_api, surroundings

PORT: Final = 3000
FROM_THE_OPERATOR: Final = ("OPENAI_API_KEY", "OPENAI_BASE_URL")
"""The variables of a provider that stand in template.yaml: SAM passes on no other."""
ON_THIS_MACHINE: Final = ("127.0.0.1", "localhost")


def main(port: int) -> None:
    """Serve until the process is told to stop."""
    for end in (signal.SIGINT, signal.SIGTERM):  # a shell's background ignores the first, and so would Python
        signal.signal(end, signal.default_int_handler)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # moto's line for each request
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgeway-sam-")))
        say(f"Lambda's runtime: {stack.enter_context(runtime_image(os.environ['PYTHON313']))}")
        found = stack.enter_context(surroundings(folder, **stack.enter_context(provider())))
        key = mint_key()
        found.make_key("sam-local", key)
        output = folder / "sam.txt"
        url, _ = stack.enter_context(start_api(found, output, port))
        say(f"Ready. SAM does not stream (a stream arrives whole) and knows no usage plans. Its log: {output}")
        say(f"The functions' environment: {found.environment_file}")
        sys.stdout.write(f"export ANTHROPIC_BASE_URL={url} ANTHROPIC_AUTH_TOKEN={key} ANTHROPIC_MODEL=gpt-5\n")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            say("stopping")


@contextmanager
def provider() -> Iterator[dict[str, str]]:
    """The operator's OpenAI key and address, from the environment or .env, or else the demo model."""
    operator = {**dotenv_values(ROOT / ".env"), **os.environ}
    given = {name: value for name in FROM_THE_OPERATOR if (value := operator.get(name))}
    if given:
        yield reachable(given)
        return
    say("No OPENAI_API_KEY and no OPENAI_BASE_URL: the built-in demo model answers.")
    with listening(DemoModel(0.0)) as port:
        yield {"OPENAI_API_KEY": "demo", "OPENAI_BASE_URL": f"http://{host_addresses()[0]}:{port}/v1"}


def reachable(variables: Mapping[str, str]) -> dict[str, str]:
    """With addresses of this machine as containers know it."""
    host = host_addresses()[0]
    reached = dict(variables)
    for name in ON_THIS_MACHINE:
        reached = {variable: value.replace(f"//{name}:", f"//{host}:") for variable, value in reached.items()}
    return reached


if __name__ == "__main__":
    chosen = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    with socket.socket() as other:
        if other.connect_ex(("127.0.0.1", chosen)) == 0:
            sys.exit(f"Port {chosen} is in use. Stop what listens there.")
    main(chosen)
