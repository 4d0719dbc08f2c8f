"""Writes lawful Anthropic streams: one state machine for all upstreams.

At most one block is open, indices count 0, 1, 2, a delta fits the open block, one `message_delta` comes before
`message_stop`, and an error ends everything. Readers of the dialects call it; it returns the events to send.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import SupportsInt

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import (
    CUT_SHORT,
    PING,
    Event,
    RefusalStopDetails,
    StopReason,
    Usage,
    encode_json,
    new_message,
    usage_counters,
)
from translator.reasoning_details import Detail
from translator.stream.answer_blocks import (
    Block,
    SealedThinking,
    ServerToolUse,
    Text,
    Thinking,
    ThinkingDisplay,
    ToolUse,
    WebSearchOutcome,
    WebSearchResult,
    WebSearchToolResult,
)
from translator.stream.block_queue import BlockQueue
from translator.stream.failure_event import error_event

CHARACTERS_PER_TOKEN = 4
"""For the estimate of the output when an upstream reports no usage."""
LONGEST_ANSWER = 4_000_000
"""Characters, about a million tokens. What goes on is no answer, and a whole one would fill the memory."""


class _Phase(Enum):
    NEW = "nothing sent"
    STARTED = "message_start sent"
    ENDED = "message_stop or error sent"


@dataclass(frozen=True, slots=True)
class _Finish:
    stop_reason: StopReason
    stop_sequence: str | None
    stop_details: RefusalStopDetails | None


class Emitter:
    """Turns the model's output into the events of one message.

    A block that begins while a tool call is incomplete waits for its turn: upstreams interleave calls, Anthropic does
    not.
    """

    def __init__(
        self, *, message_id: str, model: str, input_tokens: SupportsInt, thinking: ThinkingDisplay = "shown"
    ) -> None:
        self._message_id = message_id
        self._model = model
        self._display = thinking
        self._estimated_input_tokens = input_tokens
        self._phase = _Phase.NEW
        self._blocks = BlockQueue()
        self._calls: dict[object, ToolUse] = {}
        self._searches: dict[str, WebSearchToolResult] = {}
        self._characters = 0
        self._has_answered = False
        self._finish: _Finish | None = None
        self._usage: Usage | None = None
        self._before: Usage | None = None
        """The usage of an earlier answer that began the message."""

    @property
    def has_tool_calls(self) -> bool:
        """Tell whether the model has called a tool."""
        return bool(self._calls)

    @property
    def is_empty(self) -> bool:
        """Tell whether the model has said nothing yet."""
        return self._blocks.is_empty

    @property
    def has_answered(self) -> bool:
        """Tell whether the model has done more than think."""
        return self._has_answered or bool(self._calls)

    @property
    def stop_reason(self) -> StopReason | None:
        """The reason why the model stopped; None until it has stopped."""
        return self._finish.stop_reason if self._finish else None

    @property
    def reported_usage(self) -> Usage | None:
        """The usage that the upstream has reported; None where it has reported none."""
        return self._usage

    @property
    def is_in_text(self) -> bool:
        """Tell whether the next text continues the last block."""
        return isinstance(self._blocks.last, Text)

    def pause(self) -> list[Event]:
        """Return the end of the model's thinking. Another answer then goes on with the message."""
        return self._blocks.close()

    def go_on_after(self, before: "Emitter") -> None:
        """Go on with a message that another, paused answer has begun: its blocks and its usage count."""
        self.start()
        self._blocks = BlockQueue(before._blocks.index)  # noqa: SLF001 -- the message is the same
        self._before = before.final_usage()

    def start(self, *, service_tier: str = "standard") -> list[Event]:
        """Return `message_start` and a ping, once."""
        if self._phase is not _Phase.NEW:
            return []
        self._phase = _Phase.STARTED
        usage = Usage(input_tokens=int(self._estimated_input_tokens), output_tokens=1)
        message = new_message(message_id=self._message_id, model=self._model, usage=usage, service_tier=service_tier)
        return [{"type": "message_start", "message": message}, PING]

    def thinking(self, *pieces: str) -> list[Event]:
        """Reasoning goes on, with a delta for each piece."""
        if pieces == ("",) or self._display == "dropped":
            return self.start()
        self._count(*pieces)
        if isinstance(last := self._blocks.last, SealedThinking):
            return self._blocks.go_on(last, *pieces)
        return self._begin(self._new_thinking(), *pieces)

    def reasoning_details(self, pieces: Sequence[Detail]) -> list[Event]:
        """Add reasoning in the upstream's own form, for the block's signature. The block may show no text of it."""
        if not pieces or self._display == "dropped":
            return []
        last = self._blocks.last
        if isinstance(last, SealedThinking):
            last.details.add(pieces)
            return []
        block = self._new_thinking()
        block.details.add(pieces)
        return self._begin(block, "")

    def seal(self, signature: str) -> list[Event]:
        """End the reasoning with this signature, which the upstream wants back. The block may show no text of it."""
        if self._display == "dropped":
            return []
        block, events = self._blocks.last, list[Event]()
        if not isinstance(block, SealedThinking):
            block = self._new_thinking()
            events = self._begin(block, "")
        block.signature = signature
        self._blocks.end_last()
        return events

    def end_block(self) -> None:
        """End the last block: the next piece starts another one, even of the same kind."""
        self._blocks.end_last()

    def text(self, *pieces: str) -> list[Event]:
        """The answer goes on, with a delta for each piece."""
        if pieces == ("",):
            return self.start()
        self._count(*pieces)
        if isinstance(last := self._blocks.last, Text):
            return self._blocks.go_on(last, *pieces)
        self._has_answered = True
        return self._begin(Text(), *pieces)

    def tool_call(self, key: object, *, tool_use_id: str, name: str) -> list[Event]:
        """Begin a tool call. `key` names it in `arguments`."""
        call = ToolUse(tool_use_id, name)
        self._calls[key] = call
        return self._begin(call, "")

    def arguments(self, key: object, *fragments: str) -> list[Event]:
        """Add to a call's arguments, JSON text. Space before the object is left out."""
        call = self._calls[key]
        events: list[Event] = []
        for fragment in fragments:
            self._count(fragment if call.pieces else fragment.lstrip())
            events += self._arguments(call, call.received.feed(fragment))
        return events

    def _arguments(self, call: ToolUse, piece: str) -> list[Event]:
        if not self._blocks.takes(call):
            if piece.strip():
                raise upstream_failure("the upstream sent arguments for a tool call that was complete")
            return []
        events = self._blocks.go_on(call, piece) if piece else []
        return events + self._blocks.advance()

    def web_search(self, tool_use_id: str, query: str, outcome: WebSearchOutcome | None) -> list[Event]:
        """A search that the upstream makes by itself, `srvtoolu_…`. What follows waits where the outcome is None."""
        asked = encode_json({"query": query}).decode("ascii")
        self._count(asked)
        self._has_answered = True
        result = self._searches[tool_use_id] = WebSearchToolResult(tool_use_id, outcome)
        return self._begin(ServerToolUse(tool_use_id, "web_search"), asked) + self._begin(result, "")

    def found(self, tool_use_id: str, results: Sequence[WebSearchResult]) -> list[Event]:
        """What has come of a search whose outcome was not known."""
        self._searches[tool_use_id].outcome = results
        return self._blocks.advance()

    def usage(self, usage: Usage) -> None:
        """Note the upstream's usage. A later one replaces an earlier one."""
        self._usage = usage

    def finish(
        self,
        stop_reason: StopReason,
        *,
        stop_sequence: str | None = None,
        stop_details: RefusalStopDetails | None = None,
    ) -> None:
        """Note that the model has stopped; `close` sends it."""
        self._finish = _Finish(stop_reason, stop_sequence, stop_details)

    def close(self) -> list[Event]:
        """Return the end of the message, once. Raises `api_error` where the upstream has not ended its answer."""
        if self._phase is _Phase.ENDED:
            return []
        finish = self._finish
        if finish is None:
            raise upstream_failure("the upstream closed the stream before the answer was complete")
        events = self.start()
        for call in self._calls.values():
            events += self._arguments(call, call.received.flush())
        if finish.stop_reason not in CUT_SHORT:
            self._refuse_broken_arguments()
        events += self._blocks.close()
        self._phase = _Phase.ENDED
        events.append(
            {
                "type": "message_delta",
                "delta": {
                    "stop_reason": finish.stop_reason,
                    "stop_sequence": finish.stop_sequence,
                    "stop_details": finish.stop_details,
                    "container": None,
                },
                "usage": usage_counters(self.final_usage()),
            }
        )
        events.append({"type": "message_stop"})
        return events

    def fail(self, error: ApiError, *, request_id: str | None) -> list[Event]:
        """Return the error event, which ends the stream; nothing where the stream has ended."""
        if self._phase is _Phase.ENDED:
            return []
        has_no_content = self._phase is _Phase.STARTED and self._blocks.index < 0
        self._phase = _Phase.ENDED
        return [error_event(error, request_id=request_id, is_empty=has_no_content)]

    def final_usage(self) -> Usage:
        """Return the upstream's usage, with estimates for missing counts. A reported 0 is taken as missing."""
        searches = sum(not isinstance(each.outcome, str) for each in self._searches.values())
        usage = self._usage or Usage(input_tokens=0, output_tokens=0, web_search_requests=searches)
        if not usage.whole_input:
            usage = replace(usage, input_tokens=int(self._estimated_input_tokens))
        if not usage.output_tokens and (self._characters or self._usage is None):
            usage = replace(usage, output_tokens=max(1, -(-self._characters // CHARACTERS_PER_TOKEN)))
        return usage if self._before is None else usage.plus(self._before)

    def _count(self, *pieces: str) -> None:
        self._characters += sum(map(len, pieces))
        if self._characters > LONGEST_ANSWER:
            raise upstream_failure("the upstream's answer has no end")

    def _new_thinking(self) -> SealedThinking:
        return Thinking() if self._display == "shown" else SealedThinking()

    def _begin(self, block: Block, piece: str, *more: str) -> list[Event]:
        return self.start() + self._blocks.begin(block, piece) + self._blocks.go_on(block, *more)

    def _refuse_broken_arguments(self) -> None:
        for call in self._calls.values():
            if call.is_broken():
                raise upstream_failure(
                    f"the upstream sent arguments for the tool {call.name!r} that are no JSON object"
                )
