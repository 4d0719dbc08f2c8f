"""What is changed in the history of a session, to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from translator.native.json_members import read_object
from translator.native.request import passed_request
from translator.tool_ids import wrap

CALL = wrap("call_1", position=0, message_id="msg_1")
AGAIN = wrap("call_1", position=0, message_id="msg_2")
OWN = "EqQB" * 16
SHOWN = "ew1.shown"
TEXT = '{"type":  "text", "text": "\\u00e9"}'
CALLED = '[{"content": [{"type": "tool_use", "id": "%s", "n": 1.0},%s{"id": "%s", "type": "tool_use"}]}, %s]'
RESULT = '{"content": [{"type": "tool_result", "tool_use_id": "%s"}]}'


def passed(messages: str, model: str = "claude-a", **more: Any) -> tuple[str, tuple[str, ...]]:
    rest = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for name, value in more.items())
    body, dropped = passed_request(read_object(f'{{"messages" : {messages}{rest}, "model": "{model}"}}'), model=model)
    return body.decode().removeprefix('{"messages" : ').removesuffix(f', "model": "{model}"}}'), dropped


def thinking(signature: str) -> str:
    return f'{{"type": "thinking",  "thinking": "a", "signature": "{signature}"}}'


def search(identity: str, encrypted: str, between: str = ", ") -> str:
    found = f'{{"type": "web_search_result", "url": "u", "title": "t",  "encrypted_content": "{encrypted}"}}'
    return (
        f'{{"type": "server_tool_use", "id": "{identity}"}}{between}'
        f'{{"type": "web_search_tool_result", "tool_use_id": "{identity}", "content": [{found}, 5]}}'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Of a block that goes, the comma goes too; the others stay to the byte.
        (
            f'[{{"role": "assistant", "content":[ {thinking(SHOWN)} , {TEXT} ]}}]',
            f'[{{"role": "assistant", "content":[{TEXT}]}}]',
        ),
        (
            f'[{{"content": [{thinking("ew2.later")}, {thinking(OWN)}], "role": "assistant"}}]',
            f'[{{"content": [{thinking(OWN)}], "role": "assistant"}}]',
        ),
        # A message of which nothing is left goes as well.
        (f'[ {{"role": "user"}}, {{"role": "assistant", "content": [{thinking("")}]}} ]', '[{"role": "user"}]'),
        (
            f'[{{"content": [{thinking(SHOWN)}]}}, {{"content": [{thinking(SHOWN)}, {TEXT}], "a": 1}}]',
            f'[{{"content": [{TEXT}], "a": 1}}]',
        ),
        # Ids are mapped back, and stay unique.
        (CALLED % (CALL, " ", AGAIN, RESULT % AGAIN), CALLED % ("call_1", "", "call_1_2", RESULT % "call_1_2")),
        (f"[{RESULT % 'a:b/c'}]", f"[{RESULT % 'a_b_c'}]"),
        # A search of another model's goes, with what it has found: Claude decrypts that.
        (
            f'[{{"content": [{search("srvtoolu_1_0", "")}, {search("srvtoolu_1_1", "")}, {TEXT}], "a": 1}}]',
            f'[{{"content": [{TEXT}], "a": 1}}]',
        ),
        (
            f'[{{"content": [{search("srvtoolu_1", "")}, {search("srvtoolu_2", "RXE=")}, {TEXT}], "a": 1}}]',
            f'[{{"content": [{search("srvtoolu_2", "RXE=", between=",")},{TEXT}], "a": 1}}]',
        ),
    ],
)
def test_what_is_changed(before: str, after: str) -> None:
    assert passed(before) == (after, ())


@pytest.mark.parametrize(
    "messages",
    [
        f'[{{"content": [{thinking(OWN)}, {{"type": "redacted_thinking", "data": "x"}}]}}]',
        '[{"content": [{"type": "tool_use", "id": "toolu_01AbC"}, {"type": "tool_use", "id": 1}, 2]}, 3]',
        f'[{{"content": [{thinking("any letters")}]}}]',
        f'[{{"content": [{search("srvtoolu_1", "RXE=")}]}}]',
        '[{"content": [{"type": []}, {"type": {}}]}]',
        '[{"content": [{"type": "web_search_tool_result", "tool_use_id": [], "content": [{"type": "x"}]}, 5]}]',
        '[{"content": [{"type": "web_search_tool_result", "tool_use_id": "a", "content": {"type": "error"}}]}]',
        '"none"',
        "[]",
    ],
)
def test_what_stays(messages: str) -> None:
    assert passed(messages) == (messages, ())


@pytest.mark.parametrize(
    ("signature", "claude", "other"),
    [
        ("ew1.shown", False, False),
        (OWN, True, False),
        ("0b5cd0ae-3a8e-4d2c-9a57-1b6b8a3f0c11", False, True),
        ("f" * 64, False, True),
        ("", False, True),
    ],
)
def test_whose_thinking_goes_where(signature: str, claude: bool, other: bool) -> None:
    messages = f'[{{"content": [{thinking(signature)}, {{"type": "text"}}]}}]'
    for model, stays in (("us.anthropic.claude-opus-4-6-v1", claude), ("deepseek-chat", other)):
        assert (signature in passed(messages, model)[0] and "thinking" in passed(messages, model)[0]) == stays


FOREIGN_TURN = (
    f'[{{"role": "assistant", "content": [{{"type": "tool_use", "id": "{CALL}"}}]}},'
    f' {{"role": "user", "content": [{{"type": "tool_result", "tool_use_id": "{CALL}"}}]}}]'
)
CLEAR = {"type": "clear_thinking_20251015", "keep": "all"}


@pytest.mark.parametrize(
    ("more", "sent"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, {"thinking": {"type": "disabled"}}),
        (
            {"thinking": {"type": "enabled"}, "context_management": {"edits": [CLEAR]}},
            {"thinking": {"type": "disabled"}, "context_management": None},
        ),
        (
            {"thinking": {"type": "enabled"}, "context_management": {"edits": [CLEAR, {"type": "clear_tool_uses"}]}},
            {"thinking": {"type": "disabled"}, "context_management": {"edits": [{"type": "clear_tool_uses"}]}},
        ),
        (
            {"thinking": {"type": "enabled"}, "context_management": {"edits": [{"type": "clear_tool_uses"}, 1]}},
            {"thinking": {"type": "disabled"}, "context_management": {"edits": [{"type": "clear_tool_uses"}, 1]}},
        ),
    ],
)
def test_thinking_does_not_go_on_where_another_has_begun_the_turn(more: dict[str, Any], sent: dict[str, Any]) -> None:
    """Claude refuses a turn of tools that does not begin with its own thinking, if it shall think."""
    text, dropped = passed(FOREIGN_TURN, **more)
    assert dropped == ("thinking",)
    got = json.loads(f'{{"messages": {text}}}')
    assert {name: got[name] for name in sent} == sent


@pytest.mark.parametrize("thinking_asked", [None, {"type": "adaptive"}, {"type": "disabled"}])
def test_otherwise_thinking_stays_as_it_was_asked_for(thinking_asked: Any) -> None:
    text, dropped = passed(FOREIGN_TURN, thinking=thinking_asked)
    assert (json.loads(f'{{"messages": {text}}}')["thinking"], dropped) == (thinking_asked, ())


def test_a_turn_that_is_over_stops_no_thinking() -> None:
    messages = FOREIGN_TURN[:-1] + ', {"role": "assistant", "content": "Done"}]'
    assert passed(messages, thinking={"type": "enabled"})[1] == ()
