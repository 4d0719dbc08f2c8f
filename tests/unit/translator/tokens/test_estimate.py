"""The estimate of input tokens: always there, rather too high than too low, and never less for more."""

from base64 import b64encode
from typing import Any

import pytest
from gateway.tokens.vocabulary import count_in
from translator.anthropic.request import CountTokensRequest, parse_count_tokens_request, parse_messages_request
from translator.tokens.counting import counting
from translator.tokens.estimate import estimate_input_tokens, prompt_size

from tests.tokens.corpus import documents
from tests.vectors.requests import LOOK, ask, tool_result, tool_use, user
from tests.vectors.requests.media import PDF, PNG, REPORT

pytestmark = pytest.mark.failure_mode(28)


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def thirds(words: str) -> float:
    """A tokenizer that takes three bytes at a time."""
    return len(words.encode("utf-8", "replace")) / 3


def count(**request: Any) -> int:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}], **request}
    return estimate_input_tokens(parse_count_tokens_request(body), thirds)


def picture(width: int, height: int) -> dict[str, Any]:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4) + height.to_bytes(4) + bytes(8)
    source = {"type": "base64", "media_type": "image/png", "data": b64encode(head).decode()}
    return {"type": "image", "source": source}


# one block: its tokens beside the five of its message
BLOCKS: list[tuple[dict[str, Any], int]] = [
    (text("x" * 300), 100),
    (text("é" * 150), 100),
    (text("\ud83d" * 300), 100),
    (PNG, 1_600),
    (picture(100, 100), 255),
    (picture(600, 300), 425),
    (picture(4000, 3000), 1_600),
    (REPORT, 4),
    ({**REPORT, "title": "x" * 30, "context": "y" * 17}, 20),
    ({"type": "document", "source": {"type": "content", "content": [text("x" * 30), PNG]}}, 1_610),
    ({**PDF, "source": {**PDF["source"], "data": "x" * 20_000}}, 1_000),
    ({"type": "search_result", "title": "xxx", "source": "yyy", "content": [text("zzz")]}, 3),
    ({"type": "thinking", "thinking": "x" * 300, "signature": "of Anthropic"}, 100),
    ({"type": "thinking", "thinking": "", "signature": "ew1.hidden.SG0sIG5hw692ZSDwn6SU"}, 5),
    ({"type": "redacted_thinking", "data": "x" * 300}, 100),
    (tool_use("toolu_1", "name", at="x" * 30), 20),
    (tool_result("toolu_1", "x" * 300), 105),
    (tool_result("toolu_1", [PNG]), 1_605),
    ({"type": "tool_reference", "tool_name": "x" * 30}, 10),
    ({"type": "tool_removal", "tool": {"name": "x"}}, 0),
    ({"type": "fallback", "from": {"model": "x"}, "to": {"model": "y"}}, 0),
    ({"type": "compaction", "content": "x"}, 13),
]


@pytest.mark.parametrize(("block", "tokens"), BLOCKS)
def test_each_block_counts(block: dict[str, Any], tokens: int) -> None:
    assert count(messages=[user(block)]) == 5 + tokens


def test_tools_and_the_system_prompt_count() -> None:
    bare = count()
    assert bare == 6
    assert count(system="x" * 300) == bare + 100
    assert count(tools=[{"type": "bash_20250124", "name": "bash"}]) == bare + 350
    described = {**LOOK, "description": "x" * 300}
    assert count(tools=[described]) - count(tools=[LOOK]) == 100
    assert count(tools=[{**LOOK, "input_examples": [{"at": "x" * 300}]}]) > count(tools=[LOOK]) + 100


def test_it_is_never_zero() -> None:
    request = CountTokensRequest.model_construct(model="m", messages=[], system=[], tools=None)
    assert estimate_input_tokens(request, thirds) == 1


def test_both_requests_count_alike() -> None:
    assert estimate_input_tokens(parse_messages_request(ask()), thirds) == count(messages=ask()["messages"])


def test_more_is_never_less() -> None:
    messages: list[dict[str, Any]] = []
    last = 0
    for block, _ in BLOCKS:
        messages.append(user(block))
        estimated = count(messages=messages)
        assert estimated >= last
        last = estimated


WORDY = ["english", "german", "spanish", "russian", "markdown", "python", "rust", "typescript", "yaml"]


@pytest.mark.failure_mode(19)
@pytest.mark.parametrize("model", ["gpt-5", "claude-opus-5", "anything"])
@pytest.mark.parametrize("name", WORDY)
def test_the_guess_is_more_than_prose_and_code_have(name: str, model: str) -> None:
    size = prompt_size(parse_messages_request(ask(user("".join(documents()[name])), tools=[LOOK])))
    assert size.guessed_most > size.tokens(counting(model, count_in))
