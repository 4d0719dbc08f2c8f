"""Tells in the end of a stream what the answer has cost, where the operator has set `report_cost`."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from streaming import StreamingResponse
from translator.anthropic.events import encode_json

_MARK: Final = b"message_delta"
_END: Final = re.compile(rb"^(event: ?message_delta\r?\ndata: ?)(\{[^\r\n]*\})", re.MULTILINE)
_MICRO: Final = 1_000_000

Cost = Callable[[], int | None]
"""The micro-dollars so far; None: the model has no price."""


def reporting(answer: dict[str, Any] | StreamingResponse, cost: Cost) -> dict[str, Any] | StreamingResponse:
    """The answer, which says in `usage.cost_usd` of its `message_delta` what it costs. A whole one has its header."""
    if isinstance(answer, StreamingResponse):
        return StreamingResponse(answer.status, answer.headers, _Reporting(answer.body, cost))
    return answer


def with_cost(piece: bytes, cost: Cost) -> bytes:
    """A piece of a stream, in which the event that ends the message has the cost beside its counts."""
    found = _END.search(piece) if _MARK in piece else None
    micro_dollars = cost() if found else None
    if found is None or micro_dollars is None:
        return piece
    try:
        event = json.loads(found[2])
    except ValueError:
        return piece  # an upstream's own, which goes through as it is
    event["usage"] = {**(event.get("usage") or {}), "cost_usd": micro_dollars / _MICRO}
    return piece[: found.start(2)] + encode_json(event) + piece[found.end(2) :]


class _Reporting:
    """The body of such an answer."""

    def __init__(self, body: AsyncIterator[bytes], cost: Cost) -> None:
        self._body = body
        self._cost = cost

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return with_cost(await anext(self._body), self._cost)

    async def aclose(self) -> None:
        """End the request."""
        await self._body.aclose()  # type: ignore[attr-defined] # every body of ours has it
