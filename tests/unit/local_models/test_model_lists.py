"""Every kind of server's list of models, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeway.model_lists import Entry, read_list, read_ollama
from tests.unit.local_models.servers import (
    GROQ,
    LITELLM,
    LLAMA_CPP,
    LM_STUDIO,
    OLLAMA,
    OPENROUTER,
    TOGETHER,
    VLLM,
)


@pytest.mark.parametrize(
    ("answer", "entries"),
    [
        pytest.param(VLLM, (Entry("Qwen/Qwen3-8B", 40_960, 1_796_000_000),), id="vLLM"),
        pytest.param(OLLAMA, (Entry("qwen3:8b", None, 1_795_000_000),), id="Ollama"),
        pytest.param(LM_STUDIO, (Entry("qwen3-8b", 4_096), Entry("gemma-3-4b", 131_072)), id="LM Studio"),
        pytest.param(
            LLAMA_CPP, (Entry("/models/q.gguf", 8_192, 1_796_000_000), Entry("older", 40_960)), id="llama.cpp"
        ),
        pytest.param(LITELLM, (Entry("team-gpt", None, 1_677_610_602),), id="LiteLLM"),
        pytest.param(OPENROUTER, (Entry("openai/gpt-5.6", 1_050_000, 1_780_000_000),), id="OpenRouter"),
        pytest.param(TOGETHER, (Entry("moonshotai/Kimi-K3", 262_144),), id="Together"),
        pytest.param(GROQ, (Entry("qwen3", 131_072),), id="Groq"),
    ],
)
def test_the_list_of_a_server(answer: Any, entries: tuple[Entry, ...]) -> None:
    assert read_list(json.dumps(answer).encode()) == entries


@pytest.mark.parametrize(
    "answer",
    [None, b"", b"<html>", b"\xff", b"{}", b"7", b'"data"', b'{"data": {"id": "a"}}', b"[" * 100_000, b"9" * 5000],
)
def test_what_is_no_list(answer: bytes | None) -> None:
    assert read_list(answer) is None


NO_MODELS: list[Any] = [None, 7, "a", [], {}, {"name": "a"}]
NO_IDS: list[Any] = [None, 7, "", "a\nb", "a\x1b[2J", "\ud83d", "a" * 201]
NO_WINDOWS: list[Any] = [0, -1, 10**9, 10**400, 1.5, True, "4096", None, [], {}]
NO_DATES: list[Any] = [-1, 0, 1e300, True, "2026", None]


@pytest.mark.parametrize(
    ("model", "entries"),
    [
        *((model, ()) for model in NO_MODELS),
        *(({"id": model_id}, ()) for model_id in NO_IDS),
        *(({"id": "a", "max_model_len": window}, (Entry("a"),)) for window in NO_WINDOWS),
        *(({"id": "a", "created": date}, (Entry("a"),)) for date in NO_DATES),
        ({"id": "a", "meta": 7}, (Entry("a"),)),
        ({"id": "a", "max_model_len": None, "context_length": 9}, (Entry("a", 9),)),
    ],
)
def test_what_a_list_holds_that_no_model_has(model: Any, entries: tuple[Entry, ...]) -> None:
    """The others of the list stay."""
    answer = json.dumps({"data": [model, {"id": "b"}, {"id": "b"}]}).encode()
    assert read_list(answer) == (*entries, Entry("b"))


def test_a_list_without_end_is_cut() -> None:
    entries = read_list(json.dumps([{"id": str(number)} for number in range(10_000)]).encode())
    assert entries is not None
    assert len(entries) == 2000


@pytest.mark.parametrize(
    ("answer", "window"),
    [
        ({"model_info": {"qwen3.context_length": 40_960, "general.architecture": "qwen3"}}, 40_960),
        (
            {
                "parameters": 'stop "x"\nnum_ctx                        8192\ntop_k 20',
                "model_info": {"q.context_length": 9},
            },
            8_192,
        ),
        ({"parameters": "num_ctx 999999999999", "model_info": {"q.context_length": 9}}, 9),
        ({"parameters": "num_ctx 0"}, None),
        ({"parameters": ["num_ctx 5"], "model_info": [7]}, None),
        ({"model_info": {"q.context_length": "many"}}, None),
        ([], None),
        ({"error": "model not found"}, None),
    ],
)
def test_what_ollama_tells_of_a_model(answer: Any, window: int | None) -> None:
    assert read_ollama(json.dumps(answer).encode()) == window
