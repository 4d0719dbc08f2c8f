"""Which clients break their own prefix, and which go on as clients do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from gateway.choice import prefixes as module
from gateway.choice.cache_holders import WARM_SECONDS
from gateway.choice.prefixes import Prefixes, prompt_of

from tests.loop import run
from tests.running import ROOT
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.fakes import Harness, fine

RECORDED = ROOT / "tests" / "vectors" / "claude_code"
MARK = {"cache_control": {"type": "ephemeral"}}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


@dataclass(slots=True)
class Watched:
    """What is logged of a client's turns."""

    clock: Clock = field(default_factory=Clock)
    lines: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    prefixes: Prefixes = field(init=False)

    def __post_init__(self) -> None:
        self.prefixes = Prefixes(clock=self.clock, log=lambda message, fields: self.lines.append((message, fields)))

    def turn(self, messages: list[Any], *, session: str = "s", **more: Any) -> None:
        body = {"model": "m", "system": "You code.", "tools": [{"name": "read"}], "messages": messages, **more}
        self.prefixes.note(session, body)
        self.clock.now += 10

    def parts(self) -> list[object]:
        assert {message for message, _ in self.lines} <= {"client breaks its prefix"}
        return [fields["part"] for _, fields in self.lines]


def conversation(turns: int, first: str = "Begin") -> list[Any]:
    messages: list[Any] = [{"role": "user", "content": first}]
    for number in range(turns):
        messages += [
            {"role": "assistant", "content": [text(f"step {number}")]},
            {"role": "user", "content": [text(f"more {number}")]},
        ]
    return messages


def test_a_conversation_that_goes_on_is_none_of_them() -> None:
    watched = Watched()
    for turns in range(10):
        watched.turn(conversation(turns))
        watched.turn(conversation(turns))  # and one that is sent again
    assert watched.lines == []


def test_markers_that_move_on_and_thoughts_that_are_left_out_break_nothing() -> None:
    watched = Watched()
    watched.turn([{"role": "user", "content": [text("Begin", **MARK)]}], system=[text("You code.", **MARK)])
    thought = {"type": "thinking", "thinking": "Hm", "signature": "x"}
    second = [
        {"role": "user", "content": "Begin"},
        {"role": "assistant", "content": [thought, text("step")]},
        {"role": "user", "content": [text("more", **MARK)]},
    ]
    watched.turn(second, tools=[{"name": "read", **MARK}])
    second[1:] = [
        {"role": "assistant", "content": [text("step")]},
        {"role": "user", "content": "more"},
        {"role": "user", "content": "again"},
    ]
    for turn in range(4):
        watched.turn([*second, *conversation(turn)])
    assert watched.lines == []


@pytest.mark.parametrize(
    ("part", "changes"),
    [
        ("tools", lambda turn: {"tools": [{"name": f"tool_{turn}"}]}),
        ("system", lambda turn: {"system": [text(f"It is {turn} o'clock.")]}),
        ("messages", lambda turn: {"messages": conversation(turn, first=f"It is {turn} o'clock.")}),
    ],
)
def test_a_client_that_changes_what_it_has_sent_is_told_of_once(part: str, changes: Any) -> None:
    watched = Watched()
    for turn in range(6):
        watched.turn(**{"messages": conversation(turn), **changes(turn)})
        assert watched.parts() == ([part] if turn >= 2 else [])
    ((_, fields),) = watched.lines
    assert (fields["session"], fields["model"]) == ("s", "m")


def test_one_break_is_a_history_that_was_summed_up() -> None:
    watched = Watched()
    for turns in range(4):
        watched.turn(conversation(turns))
    for turns in range(4):
        watched.turn(conversation(turns, first="This is what has happened."))
    assert watched.lines == []


def test_conversations_beside_each_other_break_nothing() -> None:
    """Claude Code asks for a title and for a web search within its session, and agents may do without a name."""
    watched = Watched()
    side: dict[str, Any] = {"tools": [], "system": "Make a title."}
    for turns in range(6):
        watched.turn(conversation(turns))
        watched.turn(conversation(0, first=f"Name this: {turns}"), model="small", **side)
        watched.turn(conversation(turns, first="I am an agent"))
    assert watched.lines == []


def test_what_was_sent_long_ago_is_in_no_cache() -> None:
    watched = Watched()
    for turn in range(6):
        watched.turn(conversation(turn), system=f"It is {turn} o'clock.")
        watched.clock.now += WARM_SECONDS
    assert watched.lines == []


def test_the_recorded_turns_of_claude_code_break_nothing() -> None:
    watched = Watched()
    for path in sorted(RECORDED.iterdir()):
        body = json.loads(path.read_text(encoding="utf-8"))
        for turns in range(4):
            watched.turn(**{**body, "messages": [*body["messages"], *conversation(turns)]}, session=path.stem)
    assert watched.lines == []


def test_claude_codes_billing_block_is_no_part_of_the_prompt() -> None:
    one, other = (prompt_of({"system": [text(f"x-anthropic-billing-header: {cch}"), text("a")]}) for cch in "12")
    assert one == other
    assert one != prompt_of({"system": [text("b")]})


def test_of_so_many_sessions_something_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SESSIONS", 2)
    watched = Watched()
    for session in ("a", "b", "a", "c"):
        watched.turn(conversation(0), session=session)
    assert list(watched.prefixes._sessions) == ["a", "c"]
    for number in range(9):
        watched.turn(conversation(0, first=str(number)), session="a", tools=[], system=str(number))
    assert len(watched.prefixes._sessions["a"].conversations) == module.MOST_CONVERSATIONS


@pytest.mark.parametrize(
    "members",
    [{}, {"messages": None}, {"messages": [None, 5, {"content": [None, {"type": "text"}, {}]}], "tools": [1, "a"]}],
)
def test_what_is_not_as_it_should_be_is_no_trouble(members: dict[str, Any]) -> None:
    watched = Watched()
    for _ in range(4):
        watched.prefixes.note("s", members)
    assert watched.lines == []


def test_what_is_nested_too_deeply_is_passed_over() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]
    watched = Watched()
    watched.prefixes.note("s", {"messages": [{"role": "user", "content": [{"x": deep}]}]})
    assert watched.prefixes._sessions == {}


def test_a_request_is_looked_at_while_the_upstream_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AFTER_SECONDS", 0.0)
    watched = Watched()
    harness = Harness([fine() for _ in range(4)], prefixes=watched.prefixes)

    async def ask(turn: int) -> None:
        session = {"x-claude-code-session-id": "s"}
        await harness.answer(headers=session, system=f"It is {turn} o'clock.", messages=conversation(turn))
        await asyncio.sleep(0)

    for turn in range(3):
        run(ask(turn))
    run(harness.answer(system="none"))
    assert watched.parts() == ["system"]
    assert "o'clock" not in str(watched.lines)
    assert len(watched.prefixes._sessions) == 1
