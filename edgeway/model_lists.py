"""Reads the answers of model servers to GET /models: ids, windows, and dates.

vLLM's `max_model_len`, LM Studio's and Mistral's `max_context_length`, OpenRouter's and Together's `context_length`,
Groq's `context_window`, and llama.cpp's `meta` stand in the list itself; Ollama tells of each model when it is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

MOST_MODELS: Final = 2000
LONGEST_ID: Final = 200
_NO_CHAT: Final = ("embed", "rerank", "whisper")
"""In the ids of models that cannot answer a message; the list does not say what a model is for."""

_WINDOWS: Final = (
    "max_model_len",
    "loaded_context_length",
    "n_ctx",
    "max_context_length",
    "context_length",
    "context_window",
    "n_ctx_train",
)
"""The names of what a model has room for, what it has been started with before what it could have."""
_OLDEST: Final = 1_577_836_800
_LATEST: Final = 4_102_444_800
"""2020 and 2100 in seconds since the epoch: no other date is that of a model."""
_NUM_CTX: Final = re.compile(r"^num_ctx\s+([0-9]{1,9})\s*$", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of a list."""

    id: str
    context_window: int | None = None
    created: float | None = None
    """Seconds since the epoch."""


def converses(model_id: str) -> bool:
    """Whether the model may answer messages."""
    return not any(word in model_id.lower() for word in _NO_CHAT)


def read_list(answer: bytes | None, *, only_openais: bool = False) -> tuple[Entry, ...] | None:
    """The models of a list, each once; None where it is none.

    `only_openais`: nothing but OpenAI's list, whole, since anything may listen at an address that nobody has written.
    """
    document = _json(answer)
    listed = document.get("data") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        return None
    named = [model for model in listed[:MOST_MODELS] if isinstance(model, dict) and _is_id(model.get("id"))]
    is_openais = isinstance(document, dict) and document.get("object") == "list" and len(named) == len(listed)
    if only_openais and not is_openais:
        return None
    return tuple({model["id"]: _entry(model) for model in named}.values())


def read_ollama(answer: bytes | None) -> int | None:
    """The room of the model that Ollama's POST /api/show describes: as it is run, or as it was made."""
    told = _json(answer)
    if not isinstance(told, dict):
        return None
    parameters, model = told.get("parameters"), told.get("model_info")
    if isinstance(parameters, str) and (set_to := _NUM_CTX.search(parameters)):
        return _tokens(int(set_to[1]))
    lengths = model.items() if isinstance(model, dict) else ()
    return next((_tokens(length) for name, length in lengths if str(name).endswith(".context_length")), None)


def _json(answer: bytes | None) -> Any:
    try:
        return json.loads(answer or b"")
    except (ValueError, RecursionError):
        return None


def _entry(model: Mapping[str, Any]) -> Entry:
    created = model.get("created", _seconds(model.get("created_at")))
    is_time = isinstance(created, int | float) and _OLDEST <= created < _LATEST
    return Entry(model["id"], next(_windows(model), None), created if is_time else None)


def _seconds(date: object) -> float | None:
    """Of an ISO date, as Anthropic's list has them; None for anything else."""
    try:
        return datetime.fromisoformat(date).timestamp() if isinstance(date, str) else None
    except ValueError:
        return None


def _windows(model: Mapping[str, Any]) -> Iterator[int]:
    meta = model.get("meta")
    told = {**meta, **model} if isinstance(meta, dict) else model
    for name in _WINDOWS:
        if tokens := _tokens(told.get(name)):
            yield tokens


def _tokens(value: object) -> int | None:
    """A number of tokens that can be a window; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else None


def _is_id(model: object) -> bool:
    return isinstance(model, str) and 0 < len(model) <= LONGEST_ID and model.isprintable()
