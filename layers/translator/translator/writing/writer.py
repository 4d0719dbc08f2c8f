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
    """The answer of one attempt. What it returns goes to the caller: of a whole answer all of it, at the end."""

    @property
    def has_begun(self) -> bool:
        """Whether the answer has content, so that nobody else can be asked."""

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
        """Why the model stopped, once it has said so."""

    def start(self) -> bytes:
        """The beginning of a stream, before the upstream has said a word; nothing where that has the first word."""

    def was_started(self) -> None:
        """The caller has had the beginning of a stream from elsewhere: it is not said again."""

    def feed(self, frames: Iterable[Frame]) -> bytes:
        """What frames of the upstream's say. Raises `ApiError`; then what those before it have said is not lost."""

    def close(self) -> bytes:
        """What is left where the upstream has ended. Raises `ApiError` where it did so in the middle."""

    def answer(self, error: AnsweringError) -> bytes:
        """The whole message that the error is."""

    def fail(self, error: ApiError, *, request_id: str) -> bytes:
        """The error that ends a stream; nothing where it has ended already."""

    @property
    def is_counted(self) -> bool:
        """Whether the upstream has counted all of its answer: without that, `final_usage` is an estimate."""

    def final_usage(self) -> Usage:
        """What the upstream has counted, and an estimate of what it has not."""

    def forget_request(self) -> None:
        """Content has begun: let go of what was asked."""


class Form(Protocol):
    """How events become an answer."""

    def write(self, events: list[Event]) -> bytes:
        """What can be sent now."""

    def end(self) -> bytes:
        """What is sent when the last event has been written."""


class Streamed:
    """Each event as soon as it is there."""

    def write(self, events: list[Event]) -> bytes:
        """The events."""
        return encode_events(events)

    def end(self) -> bytes:
        """Nothing is left."""
        return b""


class Whole:
    """One message, when it is complete."""

    def __init__(self) -> None:
        self._fold = Fold()

    def write(self, events: list[Event]) -> bytes:
        """Nothing yet. Raises `ApiError` for arguments of a tool that are no JSON."""
        self._fold.feed(events)
        return b""

    def end(self) -> bytes:
        """The message. Raises `ApiError` where it is not complete."""
        return encode_json(self._fold.message)


def form_of(*, stream: bool) -> Form:
    """The form that the caller has asked for."""
    return Streamed() if stream else Whole()


class TranslatedWriter:
    """Writes what a reader of another dialect tells the emitter."""

    def __init__(self, emitter: Emitter, reader: Reader, form: Form) -> None:
        self.emitter = emitter
        self._reader = reader
        self._form = form
        self._said: list[Event] = []
        """What has not been written yet."""
        self._is_closed = False
        self._has_uncounted = False
        """Whether the message has begun with an answer that was not counted."""

    @property
    def has_begun(self) -> bool:
        """Whether a content block has been sent; of a whole answer nothing is, and thinking alone is no answer."""
        return self.emitter.has_answered if isinstance(self._form, Whole) else not self.emitter.is_empty

    @property
    def has_answered(self) -> bool:
        """Whether there is more than thoughts."""
        return self.emitter.has_answered

    @property
    def is_done(self) -> bool:
        """As the reader says."""
        return self._reader.is_done

    @property
    def is_ending(self) -> bool:
        """As the reader says."""
        return self._reader.is_ending

    @property
    def is_cut(self) -> bool:
        """As the reader says."""
        return self._reader.is_cut

    @property
    def stop_reason(self) -> StopReason | None:
        """As the emitter says."""
        return self.emitter.stop_reason

    def start(self) -> bytes:
        """`message_start` and a ping, once."""
        return self._form.write(self.emitter.start())

    def was_started(self) -> None:
        """They are not said any more."""
        self.emitter.start()

    def feed(self, frames: Iterable[str]) -> bytes:
        """The events of the frames."""
        for events in self._reader.read(frames):
            self._said += events
        return self._written()

    def close(self) -> bytes:
        """The last events, once."""
        return self._end(self._reader.close())

    def pause(self, error: EmptyAnswerError) -> bytes:
        """The end of the thoughts that this is about, where another answer is to go on with the stream."""
        self._said += [*error.events, *self.emitter.pause()]
        return self._written()

    def go_on_after(self, before: "TranslatedWriter") -> None:
        """The stream has begun with another answer, which has been paused."""
        self.emitter.go_on_after(before.emitter)
        self._has_uncounted = not before.is_counted

    def answer(self, error: AnsweringError) -> bytes:
        """The message without content that the error is."""
        self._reader = EndedReader()
        return self._end(error.answer(self.emitter))

    def fail(self, error: ApiError, *, request_id: str) -> bytes:
        """The error as the last event."""
        return encode_events([*self._said, *self.emitter.fail(error, request_id=request_id)])

    @property
    def is_counted(self) -> bool:
        """As the emitter says, of an answer that has come to its end."""
        is_counted = self.emitter.reported_usage is not None and self._reader.is_done
        return is_counted and not self._has_uncounted

    def final_usage(self) -> Usage:
        """As the emitter says."""
        return self.emitter.final_usage()

    def forget_request(self) -> None:
        """The reader holds it."""
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
