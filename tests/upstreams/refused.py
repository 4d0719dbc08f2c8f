"""Refusals and empty answers that a gateway can mend: each is played once or twice, and then the answer comes.

The names begin with the number of the kind, as docs/refusals.md numbers them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.upstreams.answers import Answer, Script
from tests.upstreams.chat import finish, reasoning, stream, text
from tests.upstreams.errors import error
from tests.upstreams.shapes import events, refusal

FINE = stream(text("Hello ", "from the ", "upstream"), finish("stop"))


class Mended(NamedTuple):
    """What is played before the answer, and how often the upstream is asked in all."""

    before: tuple[Answer, ...]
    calls: int


def once(message: str, status: int = 400, **more: Any) -> Mended:
    """One refusal in these words."""
    return Mended((refusal(status, error(message, type="invalid_request_error", **more)),), 2)


_ONE_TOOL = "Invalid schema for function 'mcp__db__query': items is not an object"
_RAW = '{"error":{"message":"Unsupported parameter: \'temperature\' is not supported with this model.","code":400}}'
_THOUGHT = stream(reasoning("Let me think."), finish("stop"))

MENDED: Mapping[str, Mended] = {
    "1-room-in-other-words": once(
        "prompt tokens (120000) + max new tokens (32000) = 152000 exceeds the model's context window of 131072"
    ),
    "2-inside-metadata": Mended(
        (refusal(400, {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": _RAW}}}),), 2
    ),
    "2-inside-a-string": once(f"upstream returned 400: {_RAW}"),
    "3-lookaround": once("Invalid regex pattern: look-around, including look-ahead and look-behind, is not supported"),
    "3-grammar": once("failed to parse grammar"),
    "3-one-keyword": once("Invalid schema for function 'mcp__db__query': 'minItems' is not permitted."),
    "3-one-tool": once(_ONE_TOOL),
    "3-one-tool-for-good": Mended((refusal(400, error(_ONE_TOOL)), refusal(400, error(_ONE_TOOL))), 3),
    "4-user-after-tool": once("Expected last role User or Tool, got: Unexpected role 'user' after role 'tool'"),
    "4-null-content": once("messages.1.content: content must not be null, got null"),
    "4-turns": once("Conversation roles must alternate user/assistant/user/assistant"),
    "4-content-is-text": once("invalid type: sequence, expected a string at messages[0].content"),
    "5-nothing-said": once("Bad Request"),
    "5-template": once("Failed to render the chat template", 500),
    "10-thought-only": Mended((_THOUGHT,), 2),
    "12-json-beside-tools": once("JSON mode cannot be combined with tool calling"),
    "12-no-images": once("This model does not support image inputs"),
    "12-one-image": once("at most 1 image may be provided in one request"),
    "13-empty": Mended((stream(finish("stop")),), 2),
    "13-refused-in-a-stream": Mended(
        (events(error("Unsupported parameter: 'temperature' is not supported with this model.", code=400)),), 2
    ),
}
"""By name; each kind is tried beyond these in tests/unit/translator/refusal and tests/unit/gateway/answering."""

SCRIPTS: Mapping[str, Script] = {name: {0: (*mended.before, FINE)} for name, mended in MENDED.items()}
