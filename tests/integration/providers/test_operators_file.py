"""The operator's file in the whole gateway: the command, the real bootstrap and the functions, over sockets."""

from pathlib import Path

import httpx

from tests.running import running_gateway, running_upstream

FILE = """
[aliases]
fast = ["groq/never-configured", "acme/small"]

[providers.acme]
base_url = "{url}/v1"
allow_http = true
traits = {{ max_tokens_field = "max_completion_tokens", written_calls = true }}

[providers.acme.models.small]
max_output_tokens = 50
"""


def test_it_reaches_the_functions(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    with running_upstream() as upstream:
        file.write_text(FILE.format(url=upstream.url))
        with running_gateway(upstream, EDGEWAY_CONFIG=str(file), ACME_API_KEY="the-key-of-acme") as gateway:
            answer = httpx.post(
                f"{gateway.url}/v1/messages",
                headers={"x-api-key": gateway.key},
                json={
                    "model": "fast",
                    "max_tokens": 100,
                    "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
                    "messages": [{"role": "user", "content": "[[play:tool-as-text]]"}],
                },
            )
            listed = httpx.get(f"{gateway.url}/v1/models?limit=1000", headers={"x-api-key": gateway.key}).json()
        [asked] = upstream.requests()
    assert (answer.status_code, answer.headers["x-edgeway-model"]) == (200, "acme/small")
    (call,) = answer.json()["content"]
    assert (call["type"], call["name"], call["input"]) == ("tool_use", "get_weather", {})
    assert asked["headers"]["authorization"] == "Bearer the-key-of-acme"
    assert (asked["body"]["model"], asked["body"]["max_completion_tokens"]) == ("small", 50)
    assert [model["max_tokens"] for model in listed["data"] if model["id"] == "acme/small"] == [50]
