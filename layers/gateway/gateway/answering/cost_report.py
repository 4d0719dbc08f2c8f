"""Tells in the end of a stream what the answer has cost, where the operator has set `report_cost`."""

import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from streaming import StreamingResponse
from translator.anthropic.events import encode_json

from gateway.web.failures import beside_the_answer
from gateway.web.summary import Log

_MARK: Final = b"message_delta"
_END: Final = re.compile(rb"^(event: ?message_delta\r?\ndata: ?)(\{[^\r\n]*\})", re.MULTILINE)
_MICRO: Final = 1_000_000

Cost = Callable[[], int | None]
"""The micro-dollars so far; None: the model has no price."""


def reporting(answer: dict[str, Any] | StreamingResponse, cost: Cost, log: Log) -> dict[str, Any] | StreamingResponse:
    """Add the cost of a stream to it, as `usage.cost_usd` of its `message_delta`. A whole answer has a header for it.

    Where the cost cannot be told, for whatever reason, the stream goes through as it is.
    """
    if isinstance(answer, StreamingResponse):
        return StreamingResponse(answer.status, answer.headers, _Reporting(answer.body, cost, log))
    return answer


def with_cost(piece: bytes, cost: Cost) -> bytes:
    """Return a piece of a stream. The event that ends the message gets the cost beside its counts."""
    found = _END.search(piece)
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

    def __init__(self, body: AsyncIterator[bytes], cost: Cost, log: Log) -> None:
        self._body = body
        self._cost = cost
        self._log = log

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        piece = await anext(self._body)
        if _MARK not in piece:
            return piece
        return beside_the_answer(lambda: with_cost(piece, self._cost), piece, self._log)

    async def aclose(self) -> None:
        """End the request."""
        await self._body.aclose()  # type: ignore[attr-defined] # every body of ours has it
