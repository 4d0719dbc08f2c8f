"""What a corrected turn costs: python -m tests.bench corrected [ROUNDS].

It asks the local gateway for each answer that it mends, and prints how often the upstream was asked and how many
milliseconds that has added to a plain answer. The upstream answers at once: at a real one each more call costs its own
time to the refusal as well.
"""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPConnection
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from tests.running import Gateway, running_gateway, running_upstream
from tests.upstreams.mended_request import mended_request
from tests.upstreams.refused import MENDED

PLAIN = "plain"


def main(rounds: int) -> None:
    """Print the table."""
    with running_upstream() as upstream, running_gateway(upstream) as gateway:
        ask(gateway, f"{PLAIN}#first")
        sys.stdout.write(f"{'answer':28} calls  added ms\n")
        for play in MENDED:
            calls, added = set(), []
            for number in range(rounds):
                _, plain = ask(gateway, f"{PLAIN}#{play}{number}")  # in turns: the machine is not always as quick
                asked, took = ask(gateway, f"{play}#{number}")
                calls.add(asked)
                added.append(took - plain)
            sys.stdout.write(f"{play:28} {'/'.join(map(str, sorted(calls))):>5} {median(added):9.1f}\n")


def ask(gateway: Gateway, play: str) -> tuple[int, float]:
    """How often the upstream was asked for a whole answer, and how many milliseconds that took."""
    body: dict[str, Any] = mended_request(play, stream=False)
    address = urlsplit(gateway.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    began = time.perf_counter()
    connection.request("POST", "/v1/messages", json.dumps(body), {"x-api-key": gateway.key})
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{play}: status {answer.status}")
    return int(answer.headers["x-edgeway-attempts"]), took


if __name__ == "__main__":
    if sys.argv[1:2] != ["corrected"]:
        raise SystemExit(__doc__)
    main(int(sys.argv[2]) if len(sys.argv) > 2 else 9)
