"""A request as long as Claude Code's after some work."""

import json
from pathlib import Path

RECORDED = Path(__file__).parents[1] / "vectors/claude_code/parallel-results.json"
REQUEST_BYTES = 100_000


def conversation() -> bytes:
    """A turn of Claude Code's after some work: what it has recorded, told over and over until it is long enough."""
    body = json.loads(RECORDED.read_text(encoding="utf-8"))
    opening, turns = body["messages"][:2], body["messages"][2:]
    body["messages"] = opening
    number = 0
    while len(json.dumps(body)) < REQUEST_BYTES:
        number += 1
        named = json.loads(json.dumps(turns).replace("toolu_", f"toolu_{number}_"))
        for result in named[-1]["content"]:
            result["content"] = "def area(radius):\n    return 3.14159 * radius**2  # as it was\n" * 20
        body["messages"] += named
    return json.dumps(body).encode()
