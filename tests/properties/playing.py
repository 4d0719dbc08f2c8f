"""Plays frames to a reader as the gateway does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from translator.answer_blocks import ThinkingDisplay
from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, Message
from translator.caller_words import NO_WORDS
from translator.chat.reader import ChatReader
from translator.emitter import Emitter
from translator.fold import Fold
from translator.tool_names import ToolNames
from translator.traits import Traits

MESSAGE_ID = "msg_1"


def play(
    frames: Iterable[str],
    *,
    stop_sequences: Sequence[str] = (),
    display: ThinkingDisplay = "shown",
    traits: Traits | None = None,
    offered: Sequence[Mapping[str, Any]] = (),
) -> list[Event]:
    """All events that the frames become; those of a failure end in an error."""
    emitter = Emitter(message_id=MESSAGE_ID, model="m", input_tokens=1, thinking=display)
    reader = ChatReader(
        emitter,
        traits=traits or Traits(),
        tool_names=ToolNames(()),
        stop_sequences=stop_sequences,
        message_id=MESSAGE_ID,
        caller_words=NO_WORDS,
        input_tokens=1,
        offered=offered,
    )
    events: list[Event] = []
    try:
        for frame in frames:
            events += reader.feed(frame)
        events += reader.close()
    except ApiError as error:
        events += emitter.fail(error, request_id=None)
    return events


def fold(events: Iterable[Event]) -> Message:
    """The whole message. Raises `ApiError`."""
    folding = Fold()
    folding.feed(events)
    return folding.message
