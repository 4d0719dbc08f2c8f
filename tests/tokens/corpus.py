"""The texts on which token counts are measured: texts/*.txt, and what becomes of the requests of Claude Code.

The requests are read as a provider reads them: the texts of the body that is sent, and each tool's JSON.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from translator.anthropic.request import parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import Caller
from translator.traits import Traits

TEXTS = Path(__file__).parent / "texts"
CLAUDE_CODE = Path(__file__).parents[1] / "vectors" / "claude_code"
PIECE = 700
"""Characters of a piece at the most; pieces end with a line where one ends in time."""


@cache
def documents() -> dict[str, list[str]]:
    """The pieces of each document, by its name."""
    return {path.stem: list(_pieces(path.read_text("utf-8"))) for path in sorted(TEXTS.glob("*.txt"))}


@cache
def requests() -> dict[str, dict[str, Any]]:
    """The bodies of Claude Code's requests, by name."""
    bodies = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(CLAUDE_CODE.glob("*.json"))}
    return {f"claude-code/{name}": {"max_tokens": 1, **body} for name, body in bodies.items()}


def sent_texts(request: dict[str, Any]) -> list[str]:
    """What a model reads of a request of the Messages API, sent on as a chat completion; tools as chat templates write
    them, with a space after each comma and colon.
    """
    body = encode_request(parse_messages_request(request), model="m", traits=Traits(), caller=Caller()).body
    tools = [json.dumps(tool["function"], ensure_ascii=False) for tool in body.get("tools", ())]
    return [*tools, *(text for message in body["messages"] for text in _texts(message))]


def _texts(message: dict[str, Any]) -> Iterator[str]:
    content = message.get("content") or ()
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    yield from (part["text"] for part in parts if part["type"] == "text")
    for call in message.get("tool_calls", ()):
        yield from (call["function"]["name"], call["function"]["arguments"])


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for line in text.splitlines(keepends=True):
        for start in range(0, len(line), PIECE):
            part = line[start : start + PIECE]
            if len(pieces[-1]) + len(part) > PIECE:
                pieces.append("")
            pieces[-1] += part
    return pieces


def everything() -> dict[str, list[str]]:
    """The pieces of documents and requests, by name: what truth.cjs counts."""
    return {**documents(), **{name: sent_texts(request) for name, request in requests().items()}}


if __name__ == "__main__":
    print(json.dumps(everything()))  # noqa: T201 -- the input of truth.cjs
