"""Counts the calls that the gateway makes for a chunk and for a request, Python's and those into C.

python -m tests.bench.calls

A count is the same on every machine, however busy. `tests/unit/test_calls.py` holds the ceilings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Final

from gateway.upstream.framing import Framing
from translator.anthropic.request import parse_messages_request
from translator.chat.dialect import ChatDialect
from translator.dialect import Caller
from translator.stream.emitter import Emitter
from translator.traits import Traits
from translator.writing.writer import TranslatedWriter, form_of

from edgeway.docs.markdown import table
from tests.unit.gateway.fakes import Harness, fine, receive

WARM: Final = 2
"""Requests before the one that is counted: what is only made once belongs to none."""


def counted(work: Callable[[], object]) -> int:
    """The calls of some work."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls - 1  # the end of counting


SPOKEN: Final = [{"content": "word "}]
THOUGHT: Final = [{"reasoning_content": "word "}]
CALLED: Final = [
    {"tool_calls": [{"index": 0, "id": "call_1", "function": {"name": "tool", "arguments": '{"words": "'}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": "word "}}]},
]
"""The deltas with which an answer of a kind begins; it goes on with the last of them."""


def calls_a_chunk(*, stream: bool, together: int, deltas: Sequence[dict[str, Any]] = SPOKEN) -> float:
    """From the bytes of a chunk to those of its event, where so many arrive together."""
    few, many = (counted(_answer(chunks, together, deltas, stream=stream)) for chunks in (1000, 2000))
    return (many - few) / 1000


def calls_a_request(*, stream: bool) -> int:
    """Of the function, from the event to the end of an answer of one word; its upstream and its stores are fakes."""
    harness = Harness([fine() for _ in range(WARM + 1)], providers=["one"], record=_unwritten)
    for _ in range(WARM):
        receive(harness.handle(stream=stream))
    return counted(lambda: receive(harness.handle(stream=stream)))


async def _unwritten(*_: object) -> None:
    """Record nothing."""


def _answer(chunks: int, together: int, deltas: Sequence[dict[str, Any]], *, stream: bool) -> Callable[[], object]:
    """The work of reading and writing an answer."""
    request = parse_messages_request(
        {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hello"}]}
    )
    dialect, traits = ChatDialect(), Traits()
    encoded = dialect.encode(request, model="m", traits=traits, caller=Caller())
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    reader = dialect.reader(
        emitter, encoded=encoded, request=request, traits=traits, message_id="msg_1", input_tokens=1
    )
    framing, writer = Framing(), TranslatedWriter(emitter, reader, form_of(stream=stream))
    frames = [_chunk({"role": "assistant", "content": ""}), *map(_chunk, deltas), *[_chunk(deltas[-1])] * chunks]
    received = [b"".join(frames[at : at + together]) for at in range(0, len(frames), together)]

    def work() -> None:
        for piece in received:
            writer.feed(framing.feed(piece))

    return work


def _chunk(delta: dict[str, Any]) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    told = {"id": "c", "object": "chat.completion.chunk", "created": 1764000000, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(told).encode() + b"\n\n"


def main() -> None:
    """Print the table."""
    rows = [
        ("a chunk of text of a stream, alone", f"{calls_a_chunk(stream=True, together=1):.0f}"),
        ("a chunk of text of a stream, ten together", f"{calls_a_chunk(stream=True, together=10):.0f}"),
        ("a chunk of thinking of a stream, alone", f"{calls_a_chunk(stream=True, together=1, deltas=THOUGHT):.0f}"),
        ("a chunk of a tool's arguments, alone", f"{calls_a_chunk(stream=True, together=1, deltas=CALLED):.0f}"),
        ("a chunk of text of a whole answer, ten together", f"{calls_a_chunk(stream=False, together=10):.0f}"),
        ("a stream of one word, without server and stores", f"{calls_a_request(stream=True):,}"),
        ("a whole answer of one word, without server and stores", f"{calls_a_request(stream=False):,}"),
    ]
    sys.stdout.write("\n".join(table(["", "calls"], rows)) + "\n")


if __name__ == "__main__":
    main()
