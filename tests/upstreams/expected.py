"""The forms of what the gateway makes of an answer: it is whole, or an error says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from translator.anthropic.errors import ErrorType
from translator.anthropic.events import StopReason


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is whole."""

    stop_reason: StopReason
    content: Sequence[Mapping[str, Any]] | None = None
    """Every block, without the ids of calls, which are of their message; None: whatever it is."""
    counted: tuple[int, int] | None = None
    """Input and output tokens; None: whatever they are."""

    def __str__(self) -> str:
        return f"answered: {self.stop_reason}"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing has come of an answer, so the error has a status, streamed or not."""

    error_type: ErrorType
    message: str | None = None

    def __str__(self) -> str:
        return f"refused: {self.error_type}"


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """Part of an answer has come: a stream ends in the error, a whole answer is one."""

    error_type: ErrorType
    message: str | None = None

    def __str__(self) -> str:
        return f"broken off: {self.error_type}"


Outcome = Answered | Refused | BrokenOff


def text(words: str) -> Mapping[str, Any]:
    """A text block."""
    return {"type": "text", "text": words, "citations": None}


def thinking(words: str) -> Mapping[str, Any]:
    """A thinking block."""
    return {"type": "thinking", "thinking": words, "signature": "ew1.shown"}


def tool_use(name: str, **arguments: Any) -> Mapping[str, Any]:
    """A tool_use block."""
    return {"type": "tool_use", "name": name, "input": arguments, "caller": {"type": "direct"}}


def said(words: str, counted: tuple[int, int] | None = None) -> Answered:
    """An ordinary answer of one text block."""
    return Answered("end_turn", (text(words),), counted)


def called(*calls: Mapping[str, Any]) -> Answered:
    """An answer of nothing but calls."""
    return Answered("tool_use", calls)
