"""Answers of upstreams that are no 2xx, and the error that each must become for the caller."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from translator.anthropic.errors import ErrorType, Fault
from translator.traits import Traits

ESTIMATE = 9
"""Our own count of the input tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCase:
    """An answer, and the complete error."""

    id: str
    why: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    error_type: ErrorType
    message: str
    sent_status: int
    sent_headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault
    context_window: int | None = None
    input_tokens: int = ESTIMATE

    @property
    def traits(self) -> Traits:
        """What is known of the model."""
        return Traits(context_window=self.context_window)


def body(value: Any) -> bytes:
    """A JSON body."""
    return json.dumps(value).encode()


def openai(message: str, **more: Any) -> bytes:
    """An error body as OpenAI writes it."""
    return body({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}})
