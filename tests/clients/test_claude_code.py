"""The real Claude Code works through the local gateway: real functions, real runtime, scripted upstream."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.clients.claude_code import CURRENT, NODE20
from tests.clients.conftest import Claude
from tests.running import Gateway, Upstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]

STREAM = ("--output-format", "stream-json", "--verbose")
ANSWER = "Hello from the upstream"


def bodies(upstream: Upstream) -> list[dict[str, Any]]:
    return [request["body"] for request in upstream.requests()]


def tool_results(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [message for message in body["messages"] if message["role"] == "tool"]


def called(body: dict[str, Any]) -> list[str]:
    return [call["id"] for message in body["messages"] for call in message.get("tool_calls", ())]


@pytest.mark.parametrize("variable", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"])
def test_a_plain_answer(variable: str, claude: Claude, gateway: Gateway, upstream: Upstream) -> None:
    ran = claude("Say hello.", **{variable: gateway.key})
    assert (ran.status, ran.result["result"], ran.result["num_turns"]) == (0, ANSWER, 1)
    assert [body["model"] for body in bodies(upstream)] == ["gpt-5"]


@pytest.mark.failure_mode(27)
def test_usage_is_the_upstreams_with_cached_tokens_counted_once(claude: Claude) -> None:
    usage = claude("Say hello.").result["usage"]
    counted = [usage[f"{kind}_tokens"] for kind in ("input", "cache_read_input", "output")]
    assert counted == [20, 100, 30]


def test_a_task_writes_a_file_and_runs_a_command(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "work" / "note.txt"
    ran = claude(f"Write the note. [[play:write-then-echo]] [[file:{file}]]")
    assert (ran.status, ran.result["result"]) == (0, f"All done: {upstream.nonce()}")
    assert file.read_text() == f"the nonce is {upstream.nonce()}\n"
    first, second, third = bodies(upstream)
    assert [called(body) for body in (first, second, third)] == [
        [],
        ["call_write"],
        ["call_write", "call_echo"],
    ]
    assert tool_results(second)[0]["tool_call_id"] == "call_write"
    assert str(file) in tool_results(second)[0]["content"]
    assert tool_results(third)[1] == {
        "role": "tool",
        "tool_call_id": "call_echo",
        "content": f"ran-{upstream.nonce()}",
    }


def test_the_same_task_as_a_stream(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "work" / "note.txt"
    ran = claude(f"Write the note. [[play:write-then-echo]] [[file:{file}]]", *STREAM)
    uses, results = ran.blocks("tool_use"), ran.blocks("tool_result")
    assert [use["name"] for use in uses] == ["Write", "Bash"]
    assert uses[0]["input"] == {"file_path": str(file), "content": f"the nonce is {upstream.nonce()}\n"}
    assert [result["tool_use_id"] for result in results] == [use["id"] for use in uses]
    assert all(use["id"].startswith("toolu_") for use in uses)
    assert [text["text"] for text in ran.blocks("text")] == [
        "I will write the file.",
        f"All done: {upstream.nonce()}",
    ]
    assert file.read_text() == f"the nonce is {upstream.nonce()}\n"


@pytest.mark.failure_mode(9)
def test_two_calls_in_one_turn(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "work" / "note"
    ran = claude(f"Write both. [[play:write-two-at-once]] [[file:{file}]]")
    assert ran.result["result"] == f"Both done: {upstream.nonce()}"
    written = [Path(f"{file}.{number}").read_text() for number in (1, 2)]
    assert written == [f"first {upstream.nonce()}", f"second {upstream.nonce()}"]
    last = bodies(upstream)[-1]
    assert called(last) == ["call_first", "call_second"]
    assert [result["tool_call_id"] for result in tool_results(last)] == ["call_first", "call_second"]


@pytest.mark.failure_mode(23)
def test_reasoning_is_shown_as_thinking(claude: Claude, upstream: Upstream) -> None:
    ran = claude("Think. [[play:reasoning-content]]", *STREAM)
    assert [body["reasoning_effort"] for body in bodies(upstream)] == ["high"]
    assert [block["thinking"] for block in ran.blocks("thinking")] == ["Let me think."]
    assert ran.result["result"] == "Done."


@pytest.mark.failure_mode(7)
def test_an_overflow_makes_it_compact_and_go_on(claude: Claude) -> None:
    ran = claude("Echo. [[play:echo-then-overflow]]", *STREAM)
    compacted = [printed for printed in ran.printed if printed.get("subtype") == "compact_boundary"]
    assert [boundary["compact_metadata"]["trigger"] for boundary in compacted] == ["auto"]
    assert (ran.status, ran.result["result"]) == (0, ANSWER)


@pytest.mark.failure_mode(28)
def test_its_context_view_counts_tokens_without_the_upstream(claude: Claude, upstream: Upstream) -> None:
    ran = claude("/context")
    assert "System tools" in ran.result["result"]
    assert upstream.requests() == []


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("variable", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"])
def test_a_wrong_key_fails_at_once(variable: str, claude: Claude, gateway: Gateway, upstream: Upstream) -> None:
    before = gateway.statuses().count(401)
    ran = claude("Say hello.", **{variable: "wrong"})
    assert (ran.status, ran.result["is_error"], ran.result["api_error_status"]) == (1, True, 401)
    until = time.monotonic() + 5  # the gateway prints a request's line when it has been answered
    while gateway.statuses().count(401) == before and time.monotonic() < until:
        time.sleep(0.02)
    assert gateway.statuses().count(401) == before + 1  # Claude Code would try a 401 eleven times
    assert upstream.requests() == []


@pytest.mark.failure_mode(15)
@pytest.mark.parametrize("play", ["cut-then-fine", "limited-then-fine", "overloaded-then-fine"])
def test_it_recovers(play: str, claude: Claude, upstream: Upstream) -> None:
    ran = claude(f"Say hello. [[play:{play}]]")
    assert (ran.status, ran.result["result"]) == (0, ANSWER)
    assert [stream["ended"] for stream in upstream.streams()][-1] == "finished"
    first, second = upstream.requests()
    if play == "limited-then-fine":
        assert second["received"] - first["received"] >= 1  # the upstream's own retry-after


@pytest.mark.failure_mode(39)
def test_after_a_stream_that_broke_off_it_asks_for_a_whole_answer(claude: Claude, upstream: Upstream) -> None:
    ran = claude("Say hello. [[play:cut-then-fine]]", CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK="1")
    assert (ran.status, ran.result["is_error"]) == (1, True)
    assert "the upstream closed the connection before the answer was complete" in ran.result["result"]
    assert len(upstream.requests()) == 1  # so the second request of test_it_recovers is the one that does not stream


@pytest.mark.failure_mode(16)
def test_the_upstream_sees_nothing_that_is_not_its_own(
    claude: Claude, gateway: Gateway, upstream: Upstream, tmp_path: Path
) -> None:
    other = "another-callers-token"
    prompt = f"Write the note. [[play:write-then-echo]] [[file:{tmp_path}/work/note.txt]]"
    claude(prompt, ANTHROPIC_API_KEY=gateway.key, ANTHROPIC_AUTH_TOKEN=other)
    assert len(upstream.requests()) == 3
    for request in upstream.requests():
        assert request["headers"].pop("authorization") == f"Bearer {gateway.upstream_key}"
        sent = str(request)
        assert not [word for word in (gateway.key, other, gateway.upstream_key) if word in sent]
        assert not [name for name in request["headers"] if name.startswith(("anthropic-", "x-"))]
        assert "x-anthropic-billing-header" not in sent
        foreign = {"cache_control", "context_management", "device_id", "metadata", "safeguards", "thinking"}
        mapped = {
            name: value for name, value in request["body"].items() if name != "tools"
        }  # whose schemas are its own
        assert keys(mapped) & foreign == set()
        assert "device_id" not in sent


def test_a_sub_agent_answers_to_the_agent(claude: Claude, package: str, upstream: Upstream) -> None:
    agent = {CURRENT: "Agent", NODE20: "Task"}[package]
    ran = claude(f"Delegate. [[play:delegate]] [[agent:{agent}]]", *STREAM)
    assert (ran.status, ran.result["result"]) == (0, "The agent has answered.")
    assert [use["name"] for use in ran.blocks("tool_use")] == [agent]
    first, *others = bodies(upstream)
    [of_the_agent] = [body for body in others if len(body["tools"]) < len(first["tools"])]
    assert "Say hello. [[play:plain]]" in str(of_the_agent["messages"])
    assert ANSWER in str(bodies(upstream)[-1]["messages"])  # as a result, or as a notice of what ran in the background


def keys(value: Any) -> set[str]:
    """Every key in a JSON value."""
    match value:
        case dict():
            return set(value).union(*(keys(inner) for inner in value.values()))
        case list():
            return set().union(*(keys(inner) for inner in value))
        case _:
            return set()
