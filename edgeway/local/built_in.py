"""Starts the models that `edgeway local` brings along: the demo, or a small real one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from translator.traits import EFFORTS

from edgeway import demo, small_model
from edgeway.demo.process import start as start_demo
from edgeway.local_models import DEFAULT_MODEL
from edgeway.model_process import ModelServer
from edgeway.small_model.process import start as start_small_model

DEMO: Final = "demo"
"""The demo model's provider: in every name and header, nobody takes it for another."""
SMALL: Final = "llamacpp"
"""The small model's provider: its server is llama.cpp's own."""

DOCUMENTED: Final = (
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "google-ai-studio/gemini-2.5-pro",
    "deepseek/deepseek-chat",
    "qwen3.5-397b-a17b",
)
"""What the examples ask for, beside Claude's own names: they work before a key is set. Others say which they need."""


@contextmanager
def demo_environment(aliases: Iterable[str]) -> Iterator[dict[str, str]]:
    """Run the demo model for as long as the block lasts; yield the variables by which it answers.

    It also answers for `aliases`, the operator's own, which would otherwise lead nowhere. Raises `ModelServerError`.
    """
    with start_demo() as server, tempfile.TemporaryDirectory(prefix="edgeway-") as folder:
        file = Path(folder, "edgeway.toml")
        file.write_text(demo_document(server, (*DOCUMENTED, *aliases)), encoding="utf-8")
        yield {"EDGEWAY_CONFIG": str(file), DEFAULT_MODEL: f"{DEMO}/{demo.MODEL}"}


def demo_document(server: ModelServer, aliases: Iterable[str]) -> str:
    """The edgeway.toml in which the demo model is the only provider."""
    target = _quoted(f"{DEMO}/{demo.MODEL}")
    return "\n".join(
        [
            "[aliases]",
            *(f"{_quoted(alias)} = {target}" for alias in dict.fromkeys(aliases)),
            f"[providers.{DEMO}]",
            'name = "demo model"',
            f"base_url = {_quoted(server.base_url)}",
            "allow_http = true",
            'authentication = "none"',
            f"traits = {{ efforts = {json.dumps(EFFORTS)} }}",
            f"[providers.{DEMO}.models.{_quoted(demo.MODEL)}]",
            f"context_window = {demo.CONTEXT_WINDOW}",
            "prices = { input = 0, output = 0 }",
            "",
        ]
    )


@contextmanager
def small_model_environment(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Run the small model for as long as the block lasts; yield the variables by which it answers.

    Raises `ModelServerError`, and ValueError where the operator has a server of their own in its place.
    """
    if environment.get("LLAMACPP_BASE_URL"):
        raise ValueError(
            "LLAMACPP_BASE_URL names a server of yours, in whose place the small model would answer. "
            "Unset the variable, or leave --model out."
        )
    with start_small_model() as server:
        yield {"LLAMACPP_BASE_URL": server.base_url, DEFAULT_MODEL: f"{SMALL}/{small_model.MODEL}"}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
