"""The loops that the official SDK runs by itself."""

from __future__ import annotations

import pytest
from anthropic import Anthropic, beta_tool

from tests.running import Gateway, Upstream


@beta_tool(name="Read")
def read(file_path: str) -> str:
    """Read a file."""
    return f"what is in {file_path}"


@pytest.mark.parametrize("streamed", [False, True])
def test_its_tool_runner_loses_its_thread_and_sends_the_whole_conversation(
    streamed: bool, gateway: Gateway, upstream: Upstream
) -> None:
    with Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        runner = client.beta.messages.tool_runner(
            model="gpt-5",
            max_tokens=1000,
            tools=[read],
            messages=[{"role": "user", "content": "Look. [[play:read]] [[file:a.txt]]"}],
            stream=streamed,
        )
        last = runner.until_done()
    assert [block.text for block in last.content if block.type == "text"] == ["I have read it."]
    first, second = (request["body"]["messages"] for request in upstream.requests())
    assert [message["role"] for message in first] == ["user"]
    assert second[0] == first[0]
    assert [message["role"] for message in second[1:]] == ["assistant", "tool"]
    assert second[2]["content"] == "what is in a.txt"
