"""Writes the caller's answer, whole or as a stream, from what an upstream sends."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event, StopReason, Usage, encode_events, encode_json
from translator.dialect import Reader
from translator.stream.emitter import Emitter
from translator.stream.fold import Fold
from translator.writing.endings import AnsweringError, EmptyAnswerError, EndedReader

Frame = TypeVar("Frame", str, bytes, contravariant=True)


class Writer(Protocol[Frame]):
    """Writes the answer of one attempt.

    What it returns goes to the caller; a whole answer comes at the end, in one piece.
    """

    @property
    def has_begun(self) -> bool:
        """Whether the answer has content. From then on no other candidate can be asked."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more is wanted: the upstream has ended, or must be cut."""

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped: only counts and the end may follow."""

    @property
    def is_cut(self) -> bool:
        """Whether the upstream would go on, and must be stopped."""

    @property
    def stop_reason(self) -> str | None:
        """The reason why the model stopped; None until it has stopped."""

    def start(self) -> bytes:
        """Return the beginning of a stream, before the upstream's first word; nothing where the upstream writes it."""

    def was_started(self) -> None:
        """The caller has had the beginning of a stream from elsewhere: it is not said again."""

    def feed(self, frames: Iterable[Frame]) -> bytes:
        """Return the output for these frames. Raises `ApiError`; the output of earlier frames is not lost."""

    def close(self) -> bytes:
        """Return the rest at the upstream's end. Raises `ApiError` where it has not finished its answer."""

    def answer(self, error: AnsweringError) -> bytes:
        """Return the whole message that the error stands for."""

    def fail(self, error: ApiError, *, request_id: str) -> bytes:
        """Return the error that ends a stream; nothing where the stream has ended."""

    @property
    def is_counted(self) -> bool:
        """Whether the upstream has counted the whole answer. If not, `final_usage` is an estimate."""

    def final_usage(self) -> Usage:
        """Return the upstream's usage, with estimates for missing counts."""

    def forget_request(self) -> None:
        """Forget the request, since content has begun."""


class Form(Protocol):
    """Turns events into the answer's bytes."""

    def write(self, events: list[Event]) -> bytes:
        """Return the bytes that can be sent now."""

    def end(self) -> bytes:
        """Return the bytes after the last event."""


class Streamed:
    """Sends each event at once."""

    def write(self, events: list[Event]) -> bytes:
        """Return the events as bytes."""
        return encode_events(events)

    def end(self) -> bytes:
        """Return nothing."""
        return b""


class Whole:
    """Sends one message, when it is complete."""

    def __init__(self) -> None:
        self._fold = Fold()

    def write(self, events: list[Event]) -> bytes:
        """Return nothing yet. Raises `ApiError` for arguments of a tool that are no JSON."""
        self._fold.feed(events)
        return b""

    def end(self) -> bytes:
        """Return the message. Raises `ApiError` where it is not complete."""
        return encode_json(self._fold.message)


def form_of(*, stream: bool) -> Form:
    """Return the form that the caller has asked for."""
    return Streamed() if stream else Whole()


class TranslatedWriter:
    """Writes the calls of another dialect's reader on the emitter."""

    def __init__(self, emitter: Emitter, reader: Reader, form: Form) -> None:
        self.emitter = emitter
        self._reader = reader
        self._form = form
        self._said: list[Event] = []
        """The events that were not written yet."""
        self._is_closed = False
        self._has_uncounted = False
        """Whether an earlier answer began the message and was not counted."""

    @property
    def has_begun(self) -> bool:
        """Whether a content block was sent. A whole answer has sent nothing yet, and thinking alone is no answer."""
        return self.emitter.has_answered if isinstance(self._form, Whole) else not self.emitter.is_empty

    @property
    def has_answered(self) -> bool:
        """Whether the model has done more than think."""
        return self.emitter.has_answered

    @property
    def is_done(self) -> bool:
        """Whether the reader is done."""
        return self._reader.is_done

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped, as the reader says."""
        return self._reader.is_ending

    @property
    def is_cut(self) -> bool:
        """Whether the reader was cut."""
        return self._reader.is_cut

    @property
    def stop_reason(self) -> StopReason | None:
        """The reason why the model stopped, as the emitter says."""
        return self.emitter.stop_reason

    def start(self) -> bytes:
        """`message_start` and a ping, once."""
        return self._form.write(self.emitter.start())

    def was_started(self) -> None:
        """They are not said any more."""
        self.emitter.start()

    def feed(self, frames: Iterable[str]) -> bytes:
        """Return the output for these frames."""
        for events in self._reader.read(frames):
            self._said += events
        return self._written()

    def close(self) -> bytes:
        """Return the last events, once."""
        return self._end(self._reader.close())

    def pause(self, error: EmptyAnswerError) -> bytes:
        """Return the end of the thoughts in the given error. Another answer then goes on with the stream."""
        self._said += [*error.events, *self.emitter.pause()]
        return self._written()

    def go_on_after(self, before: "TranslatedWriter") -> None:
        """Go on with a stream that another, paused answer has begun."""
        self.emitter.go_on_after(before.emitter)
        self._has_uncounted = not before.is_counted

    def answer(self, error: AnsweringError) -> bytes:
        """Return the message without content that the error stands for."""
        self._reader = EndedReader()
        return self._end(error.answer(self.emitter))

    def fail(self, error: ApiError, *, request_id: str) -> bytes:
        """Return the error as the last event."""
        return encode_events([*self._said, *self.emitter.fail(error, request_id=request_id)])

    @property
    def is_counted(self) -> bool:
        """Whether the emitter's usage is counted, of an answer that has ended."""
        is_counted = self.emitter.reported_usage is not None and self._reader.is_done
        return is_counted and not self._has_uncounted

    def final_usage(self) -> Usage:
        """Return the emitter's usage."""
        return self.emitter.final_usage()

    def forget_request(self) -> None:
        """Forget the request, which the reader holds."""
        self._reader.forget_request()

    def _end(self, events: list[Event]) -> bytes:
        if self._is_closed:
            return b""
        self._is_closed = True
        self._said += events
        return self._written() + self._form.end()

    def _written(self) -> bytes:
        said, self._said = self._said, []
        return self._form.write(said)
