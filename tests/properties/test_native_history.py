"""Sessions that change their provider in the middle, in every order: Claude gets nothing foreign, and all its own."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from translator.native.json_members import read_object
from translator.native.request import passed_request
from translator.signatures import seal
from translator.tool_ids import wrap

Json = dict[str, Any]

ALLOWED = re.compile(r"[a-zA-Z0-9_-]{1,}")
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
OTHERS = ["gpt", "gemini", "deepseek", "native", "unsigned"]
texts = st.sampled_from(["Hi", "é 😀", "a \\ud83d b", 'quoted "ew1.shown"', "\u2028"])


def signature(maker: str, number: int) -> str:
    match maker:
        case "claude":
            return b64encode(b"\x12\x40" + bytes([number % 256]) * 60).decode()
        case "native":
            return f"{number:032x}"
        case "unsigned":
            return ""
        case "gemini":
            return seal("hidden")
        case _:
            return seal(None)


def call_id(maker: str, turn: int, number: int) -> str:
    match maker:
        case "claude":
            return f"toolu_01{turn:04}{number:04}"
        case "native" | "unsigned":
            return f"call:{turn}/{number}"
        case "gemini":
            return wrap("function-call", position=number, message_id=f"msg_{turn}", signature="s" * 900)
        case _:
            return wrap(f"call_{number}", position=number, message_id=f"msg_{turn}")  # the same in every turn


@st.composite
def turns(draw: st.DrawFn, at: int) -> list[Json]:
    """What one model has said, and what its tools have answered."""
    maker = draw(st.sampled_from(["claude", *OTHERS]))
    said: list[Json] = []
    if draw(st.booleans()):
        said.append({"type": "thinking", "thinking": draw(texts), "signature": signature(maker, at)})
    if draw(st.booleans()):
        said.append({"type": "text", "text": draw(texts), "maker": maker})
    calls = [call_id(maker, at, number) for number in range(draw(st.integers(0, 3)))]
    said += [{"type": "tool_use", "id": each, "name": "look", "input": {"a": [1.50, draw(texts)]}} for each in calls]
    results = [{"type": "tool_result", "tool_use_id": each, "content": [IMAGE]} for each in calls]
    answer: list[Json] = [*results, {"type": "text", "text": draw(texts)}]
    said = said or [{"type": "text", "text": "nothing"}]
    return [{"role": "assistant", "content": said}, {"role": "user", "content": answer}]


@st.composite
def histories(draw: st.DrawFn) -> list[Json]:
    return [
        {"role": "user", "content": "Hello"},
        *(m for at in range(draw(st.integers(1, 5))) for m in draw(turns(at))),
    ]


def sent(messages: list[Json], **more: Any) -> tuple[str, Json, tuple[str, ...]]:
    """What Claude is sent, as text and as it reads it, and what was dropped."""
    text = json.dumps({"model": "claude-opus-5", "messages": messages, **more}, indent=1)
    body, dropped = passed_request(read_object(text), model="claude-opus-5")
    return body.decode(), json.loads(body), dropped


def blocks(messages: list[Json]) -> list[Json]:
    return [block for message in messages if isinstance(message["content"], list) for block in message["content"]]


def is_claudes(block: Json) -> bool:
    return str(block.get("signature")).startswith("Ek") or str(block.get("id")).startswith("toolu_01")


@given(histories())
def test_nothing_foreign_reaches_claude_and_nothing_of_its_own_is_lost(messages: list[Json]) -> None:
    text, body, _ = sent(messages)
    got = blocks(body["messages"])
    assert all(each["signature"].startswith("Ek") for each in got if each["type"] == "thinking")
    own = [each for each in blocks(messages) if is_claudes(each)]
    assert [each for each in got if is_claudes(each)] == own
    calls = [each["id"] for each in got if each["type"] == "tool_use"]
    assert len(set(calls)) == len(calls)
    assert all(ALLOWED.fullmatch(each) and len(each) <= 70 for each in calls)
    assert [each["tool_use_id"] for each in got if each["type"] == "tool_result"] == calls
    rest = [each for each in blocks(messages) if each["type"] == "text"]
    assert [each for each in got if each["type"] == "text"] == rest
    assert all(message["content"] for message in body["messages"])
    assert all(f"{json.dumps(each['text'])}" in text for each in rest)


@given(histories())
def test_what_was_sent_before_is_sent_alike_again(messages: list[Json]) -> None:
    """Else no cache would hold beyond the first turn of another model's."""
    whole = sent(messages)[1]["messages"]
    for end in range(1, len(messages), 2):
        before = sent(messages[:end])[1]["messages"]
        assert whole[: len(before)] == before


@given(histories())
def test_a_history_of_claudes_own_goes_through_to_the_byte(messages: list[Json]) -> None:
    own = [each for each in messages if each["role"] == "user" or all(map(_plain, each["content"]))]
    own = [each for each in own if each["role"] == "assistant" or not _has_results(each)]
    text = json.dumps({"model": "claude-opus-5", "messages": own, "thinking": {"type": "enabled"}})
    assert passed_request(read_object(text), model="claude-opus-5") == (text.encode(), ())


def _plain(block: Json) -> bool:
    return block["type"] == "text" or is_claudes(block)


def _has_results(message: Json) -> bool:
    return isinstance(message["content"], list) and any(each["type"] == "tool_result" for each in message["content"])


@given(histories())
def test_another_provider_of_the_api_gets_no_signature_of_ours_or_of_claude(messages: list[Json]) -> None:
    text = json.dumps({"model": "deepseek-chat", "messages": messages})
    got = blocks(json.loads(passed_request(read_object(text), model="deepseek-chat").body)["messages"])
    signatures = [each["signature"] for each in got if each["type"] == "thinking"]
    assert not any(each.startswith(("ew1.", "Ek")) for each in signatures)
