"""Recognises errors of upstreams that are answers: the model has stopped, and nothing is to be tried again."""

from collections.abc import Iterable, Iterator
from typing import Literal

from translator.anthropic.errors import ApiError, Fault
from translator.anthropic.events import Event, RefusalStopDetails
from translator.stream.emitter import Emitter


class AnsweringError(ApiError):
    """The model has stopped, for this reason. Where nothing had come before, its answer is empty."""

    def __init__(self, stop_reason: Literal["max_tokens", "refusal"], message: str) -> None:
        super().__init__("invalid_request_error", message, fault=Fault.CALLER)
        self.stop_reason: Literal["max_tokens", "refusal"] = stop_reason

    def answer(self, emitter: Emitter) -> list[Event]:
        """Return the whole message, without content."""
        self.finish(emitter)
        return emitter.start() + emitter.close()

    def finish(self, emitter: Emitter) -> None:
        """End the message with this reason."""
        details = None
        if self.stop_reason == "refusal":
            details = RefusalStopDetails(type="refusal", category=None, explanation=self.message)
        emitter.finish(self.stop_reason, stop_details=details)


class EmptyAnswerError(ApiError):
    """The model has stopped by itself, and has said nothing or has only thought. Asked again, it may answer.

    `events` are the last events of its thinking.
    """

    def __init__(self, events: list[Event], *, has_thought: bool) -> None:
        what = "only thought, and not answered" if has_thought else "said nothing"
        super().__init__("overloaded_error", f"the model has {what}", fault=Fault.UPSTREAM)
        self.events = events


class EndedReader:
    """A reader of an answer that has ended."""

    is_done = True
    is_ending = True
    is_cut = False

    def forget_request(self) -> None:
        """Do nothing: no part of the request is kept."""

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:  # noqa: ARG002 -- nothing is read
        """Return nothing."""
        return iter(())

    def close(self) -> list[Event]:
        """Return nothing: everything was sent."""
        return []
