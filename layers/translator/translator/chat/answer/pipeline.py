"""Passes the pieces of an answer through its stages: splitter, stop scanner, calls, emitter.

A piece of another kind flushes the stages before it. Once a stop sequence has matched, the scanner swallows the rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from translator.anthropic.events import Event
from translator.chat.answer.call_formats import WrittenCall, schemas_of
from translator.chat.answer.call_opener import CallOpener
from translator.chat.answer.pieces import Details, Piece, PlainPiece, Refusal, Text, Thinking, saying
from translator.chat.answer.text_splitter import TextSplitter
from translator.chat.answer.tool_calls import Fragment
from translator.stream.emitter import Emitter
from translator.stream.stop_sequences import StopScanner
from translator.tool_names import ToolNames
from translator.traits import Traits


class Pipeline:
    """Turns the pieces of one answer into events."""

    def __init__(
        self,
        emitter: Emitter,
        *,
        traits: Traits,
        tool_names: ToolNames,
        stop_sequences: Iterable[str],
        message_id: str,
        offered: Iterable[Mapping[str, Any]],
    ) -> None:
        self._splitter = TextSplitter(traits, schemas_of(offered))
        self._scanner = StopScanner(stop_sequences)
        self.call_opener = CallOpener(
            emitter,
            tool_names=tool_names,
            message_id=message_id,
            waits_for_signatures=traits.thought_signature is not None,
        )
        self._emitter = emitter
        # Then nothing is held back that something else would have to wait for.
        self._is_direct = self._splitter.is_plain and self._scanner.is_idle and traits.thought_signature is None
        self.is_cut = False
        """Whether a stop sequence has matched."""

    @property
    def ends_in_markup(self) -> bool:
        """Tell whether the text has ended with a call that could not be read."""
        return self._splitter.ends_in_markup

    def feed(self, piece: Piece) -> list[Event]:
        """Take the next piece."""
        return self._pass(self._splitter.feed(piece))

    def feed_alike(self, kind: PlainPiece, words: Sequence[str]) -> list[Event]:
        """The next pieces of one kind, of an answer that is not cut, each with other words."""
        if not self._is_direct:
            return [event for each in words for event in self.feed(saying(kind, each))]
        if isinstance(kind, Text):
            return self._emitter.text(*words)
        if isinstance(kind, Thinking):
            return self._emitter.thinking(*words)
        return self.call_opener.go_on(kind, words)

    def flush(self, *, has_answered: bool) -> list[Event]:
        """Flush all stages at the end.

        A model that has answered has not only thought: an unclosed thought becomes text.
        """
        pieces = self._splitter.flush()
        if has_answered and not self.call_opener.calls:
            pieces += [*self._splitter.suppose_text(), *self._splitter.flush()]
        return self._pass(pieces) + self._flush_text() + self.call_opener.open_waiting()

    def _pass(self, pieces: Iterable[Piece]) -> list[Event]:
        events: list[Event] = []
        for piece in pieces:
            if self.is_cut:
                break
            if isinstance(piece, Text):
                events += self._scan(piece.text)
            else:
                events += self._flush_text() + self._send(piece)
        return events

    def _scan(self, text: str) -> list[Event]:
        scan = self._scanner.feed(text)
        events = self.call_opener.open_waiting()
        events += self._emitter.text(scan.text)
        if scan.matched is not None:
            self.is_cut = True
            self._emitter.finish("stop_sequence", stop_sequence=scan.matched)
        return events

    def _flush_text(self) -> list[Event]:
        """Release the text that the scanner holds back: it can no longer become a stop sequence."""
        held = self._scanner.flush()
        return self._emitter.text(held) if held else []

    def _send(self, piece: Thinking | Details | Refusal | Fragment | WrittenCall) -> list[Event]:
        if isinstance(piece, Fragment):
            return self.call_opener.feed(piece)
        if isinstance(piece, WrittenCall):
            self.call_opener.keep(piece)
            return []
        events = self.call_opener.open_waiting()
        if isinstance(piece, Thinking):
            return events + self._emitter.thinking(piece.text)
        if isinstance(piece, Details):
            return events + self._emitter.reasoning_details(piece.details)
        return events + self._emitter.text(piece.text)
