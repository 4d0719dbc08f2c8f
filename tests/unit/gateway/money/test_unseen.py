"""What is set aside for the parts of a prompt that its bytes do not tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.money.unseen import TOKENS_OF_A_DOCUMENT, TOKENS_OF_A_PICTURE, TOKENS_OF_TOOLS, unseen_tokens
from translator.native.json_members import read_object

PICTURE = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}
BY_ADDRESS = {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}
OF_BYTES = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
OF_TEXT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a"}}
OF_PARTS = {"type": "document", "source": {"type": "content", "content": [{"type": "text", "text": "a"}, PICTURE]}}
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": [PICTURE, BY_ADDRESS]}
CALL = {"type": "tool_use", "id": "t", "name": "f", "input": {"type": "image", "list": [BY_ADDRESS]}}
WIDE = 1_000_000


def asked(*content: Any, **members: Any) -> str:
    return json.dumps({"messages": [{"role": "user", "content": list(content)}], **members})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (asked({"type": "text", "text": "hello"}), 0),
        (asked(PICTURE, PICTURE), 2 * TOKENS_OF_A_PICTURE),
        (asked(BY_ADDRESS, OF_BYTES), 2 * TOKENS_OF_A_DOCUMENT),
        (asked(OF_TEXT), 0),
        (asked(OF_PARTS), TOKENS_OF_A_PICTURE),
        (asked(RESULT), TOKENS_OF_A_PICTURE + TOKENS_OF_A_DOCUMENT),
        (asked(CALL), 0),
        (asked(tools=[{"type": "web_search_20250305", "name": "web_search"}]), TOKENS_OF_TOOLS),
        (asked(tools=[{"name": "web_search", "input_schema": {"type": "object"}}, "nonsense"]), 0),
        (asked(mcp_servers=[{"type": "url", "url": "https://example.com"}]), TOKENS_OF_TOOLS),
        (asked({"type": 1, "source": 1}, PICTURE, tools={"type": "web_fetch"}), TOKENS_OF_A_PICTURE),
        (asked(PICTURE).replace("image", "\\u0069mage"), TOKENS_OF_A_PICTURE),
    ],
)
def test_what_the_bytes_do_not_tell_is_guessed(text: str, tokens: int) -> None:
    assert unseen_tokens(read_object(text), WIDE) == tokens


@pytest.mark.parametrize(("window", "tokens"), [(128_000, 128_000), (None, 200_000)])
def test_no_more_than_the_context_window_is_set_aside(window: int | None, tokens: int) -> None:
    assert unseen_tokens(read_object(asked(BY_ADDRESS, BY_ADDRESS)), window) == tokens
