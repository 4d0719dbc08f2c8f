"""Writes streams as the beta half of the description has them: with its own required fields.

What they tell of runs at Anthropic: edits of the context, fallbacks, fast mode. Source: POST /v1/messages?beta=true,
`BetaMessage` and `BetaMessageDeltaEvent`.
"""

from typing import Any, cast

from translator.anthropic.events import Event
from translator.stream.emitter import Emitter

_OF_EVERY_USAGE = {"fallback_credit": None, "iterations": None}


class BetaEmitter(Emitter):
    """Writes the same events, with more fields in the first one and in the last but one."""

    def start(self, *, service_tier: str = "standard") -> list[Event]:
        """Return `message_start` and a ping, once."""
        return [_as_beta(event) for event in super().start(service_tier=service_tier)]

    def close(self) -> list[Event]:
        """Return the end of the message, once. Raises `api_error` where the upstream has not ended its answer."""
        return [_as_beta(event) for event in super().close()]


def _as_beta(event: Event) -> Event:
    more: dict[str, Any] = {}
    if event["type"] == "message_start":
        message = event["message"]
        usage = {**message["usage"], **_OF_EVERY_USAGE, "speed": None}
        more = {"message": {**message, "context_management": None, "diagnostics": None, "usage": usage}}
    elif event["type"] == "message_delta":
        more = {"context_management": None, "usage": {**event["usage"], **_OF_EVERY_USAGE}}
    return cast("Event", {**event, **more})
