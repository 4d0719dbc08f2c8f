"""Reads every text of an answer wherever it stands: in deltas, `.done`, the item or the whole answer."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import Event
from translator.responses.answer.items import (
    CALLS,
    CUSTOM_CALL,
    FUNCTION_CALL,
    MESSAGE,
    REASONING,
    Item,
    Items,
    mapping_in,
    mappings_in,
    number_in,
    text_in,
)
from translator.responses.answer.searches import Searches, is_search
from translator.responses.answer.speech import ARGUMENTS, Speech, arguments_of
from translator.stream.emitter import Emitter

SILENT_ITEMS = frozenset({"compaction", "file_search_call", "mcp_list_tools", "tool_search_call"})
"""Which say nothing to the caller by themselves."""

_Event = Mapping[str, Any]


class Output:
    """Reads the events that are about items."""

    def __init__(self, emitter: Emitter, speech: Speech, *, takes_asides: bool) -> None:
        self._emitter = emitter
        self._speech = speech
        self._takes_asides = takes_asides
        self._items = Items()
        self._searches = Searches(speech)
        self.service_tier = "standard"
        """The tier that answers, told as the message starts."""
        self._on: Mapping[str, Callable[[_Event], list[Event]]] = {
            "output_item.added": self._added,
            "output_item.done": self._done,
            "content_part.added": self._part_added,
            "output_text.delta": lambda event: self._text(event, "delta"),
            "output_text.done": lambda event: self._whole_text(event, "text"),
            "output_text.annotation.added": self._annotated,
            "refusal.delta": lambda event: self._text(event, "delta", kind="refusal"),
            "refusal.done": lambda event: self._whole_text(event, "refusal", kind="refusal"),
            "reasoning_summary_text.delta": lambda event: self._thinking(event, "summary"),
            "reasoning_summary_text.done": lambda event: self._whole_thinking(event, "summary"),
            "reasoning_text.delta": lambda event: self._thinking(event, "content"),
            "reasoning_text.done": lambda event: self._whole_thinking(event, "content"),
            "function_call_arguments.delta": lambda event: self._arguments(event, FUNCTION_CALL),
            "function_call_arguments.done": self._whole_arguments,
            "custom_tool_call_input.delta": lambda event: self._arguments(event, CUSTOM_CALL),
            "custom_tool_call_input.done": self._whole_input,
        }

    @property
    def is_only_reasoning(self) -> bool:
        """Whether nothing else has come."""
        return all(item.kind == REASONING for item in self._items.all)

    @property
    def searches(self) -> int:
        """How often the web was searched."""
        return self._searches.count

    def feed(self, kind: str, event: _Event) -> list[Event]:
        """The next event of a response; one that is about something else says nothing."""
        handler = self._on.get(kind.removeprefix("response."))
        return handler(event) if handler is not None else []

    def end(self, response: _Event) -> list[Event]:
        """The end of the answer, which holds all of it once more, or nothing of it, or alone."""
        events: list[Event] = []
        numbers: Counter[str] = Counter()
        for raw in mappings_in(response.get("output")):
            kind = text_in(raw, "type")
            events += self._finish_item(self._items.at_the_end(raw, numbers[kind]), raw)
            numbers[kind] += 1
        for item in self._items.all:
            events += self._finish_item(item, {})
        return events

    def _added(self, event: _Event) -> list[Event]:
        raw = mapping_in(event, "item")
        if not raw:
            return []
        item = self._items.add(event, raw)
        item.blob = text_in(raw, "encrypted_content")
        item.action, item.status = mapping_in(raw, "action"), text_in(raw, "status")
        if item.kind not in CALLS:
            return []
        item.announced = arguments_of(raw, "arguments" if item.kind == FUNCTION_CALL else "input")
        item.call_id = text_in(raw, "call_id")
        # One without an id may be told of it later.
        return self._name(item, raw) if item.call_id else []

    def _name(self, item: Item, raw: _Event) -> list[Event]:
        item.name = item.name or text_in(raw, "name")
        item.call_id = item.call_id or text_in(raw, "call_id") or text_in(raw, "id")
        return self._start() + self._speech.open_call(item) if item.name else []

    def _part_added(self, event: _Event) -> list[Event]:
        part = mapping_in(event, "part")
        match part.get("type"):
            case "output_text":
                return self._text({**event, **part}, "text")
            case "refusal":
                return self._text({**event, **part}, "refusal", kind="refusal")
            case _:
                return []

    def _text(self, event: _Event, name: str, *, kind: str = "content") -> list[Event]:
        piece = text_in(event, name)
        if not piece:
            return []
        item = self._items.of(event, MESSAGE)
        return self._start() + self._speech.text(item, number_in(event, "content_index") or 0, piece, kind=kind)

    def _annotated(self, event: _Event) -> list[Event]:
        message = self._items.known(event, MESSAGE)
        if message is not None:
            self._searches.cite(message, mapping_in(event, "annotation"))
        return []

    def _whole_text(self, event: _Event, name: str, *, kind: str = "content") -> list[Event]:
        item, number = self._items.of(event, MESSAGE), number_in(event, "content_index") or 0
        return self._complete_text(item, number, text_in(event, name), kind)

    def _complete_text(self, item: Item, number: int, whole: str, kind: str) -> list[Event]:
        missing = item.missing((kind, number), whole)
        return self._start() + self._speech.text(item, number, missing, kind=kind) if missing else []

    def _thinking(self, event: _Event, kind: str) -> list[Event]:
        piece = text_in(event, "delta")
        if not piece:
            return []
        item = self._items.of(event, REASONING)
        return self._start() + self._speech.thinking(item, _number_of_part(event, kind), piece, kind=kind)

    def _whole_thinking(self, event: _Event, kind: str) -> list[Event]:
        item = self._items.of(event, REASONING)
        return self._complete_thinking(item, _number_of_part(event, kind), text_in(event, "text"), kind)

    def _complete_thinking(self, item: Item, number: int, whole: str, kind: str) -> list[Event]:
        missing = item.missing((kind, number), whole)
        return self._start() + self._speech.thinking(item, number, missing, kind=kind) if missing else []

    def _arguments(self, event: _Event, kind: str) -> list[Event]:
        return self._speech.arguments(self._items.of(event, kind), text_in(event, "delta"))

    def _whole_arguments(self, event: _Event) -> list[Event]:
        item = self._items.of(event, FUNCTION_CALL)
        events = self._name(item, {"name": text_in(event, "name")}) if item.call_id else []
        return events + self._complete_arguments(item, arguments_of(event, "arguments"))

    def _whole_input(self, event: _Event) -> list[Event]:
        return self._complete_arguments(self._items.of(event, CUSTOM_CALL), text_in(event, "input"))

    def _complete_arguments(self, item: Item, whole: str) -> list[Event]:
        return self._speech.arguments(item, item.missing(ARGUMENTS, whole))

    def _done(self, event: _Event) -> list[Event]:
        raw = mapping_in(event, "item")
        return self._finish_item(self._items.ended(event, raw), raw) if raw else []

    def _finish_item(self, item: Item, raw: _Event) -> list[Event]:
        """The item is whole: what has not been told of it is told now."""
        if item.is_done:
            return []
        item.is_done = True
        return self._finish(item, raw) + self._searches.after(item)

    def _finish(self, item: Item, raw: _Event) -> list[Event]:
        match item.kind:
            case "message":
                return self._finish_message(item, raw)
            case "reasoning":
                return self._finish_reasoning(item, raw)
            case "function_call" | "custom_tool_call":
                return self._finish_call(item, raw)
            case "web_search_call":
                return self._start() + self._searches.finish(item, raw) if is_search(item, raw) else []
            case kind if kind in SILENT_ITEMS or not self._takes_asides:
                return []
            case kind:
                named = kind[:40] if kind.replace("_", "").isalnum() else "unknown"
                note = f"[The model has sent an item of the kind {named}, which cannot be shown here.]"
                return self._start() + self._speech.note(item, note)

    def _finish_message(self, item: Item, raw: _Event) -> list[Event]:
        events: list[Event] = []
        content = raw.get("content")
        if isinstance(content, str):
            return self._complete_text(item, 0, content, "content")
        for number, part in enumerate(mappings_in(content)):
            for annotation in mappings_in(part.get("annotations")):
                self._searches.cite(item, annotation)
            if part.get("type") == "refusal":
                events += self._complete_text(item, number, text_in(part, "refusal"), "refusal")
            else:
                events += self._complete_text(item, number, text_in(part, "text"), "content")
        return events

    def _finish_reasoning(self, item: Item, raw: _Event) -> list[Event]:
        events: list[Event] = []
        for kind in ("summary", "content"):
            for number, part in enumerate(mappings_in(raw.get(kind))):
                events += self._complete_thinking(item, number, text_in(part, "text"), kind)
        item.blob = text_in(raw, "encrypted_content") or item.blob
        return events + (self._start() + self._speech.seal(item) if item.blob else [])

    def _finish_call(self, item: Item, raw: _Event) -> list[Event]:
        whole = arguments_of(raw, "arguments" if item.kind == FUNCTION_CALL else "input") or item.announced
        events = self._name(item, raw)
        if not item.name:
            raise upstream_failure("the upstream sent a tool call without a name", "overloaded_error")
        return events + self._complete_arguments(item, whole) + self._speech.end_call(item)

    def _start(self) -> list[Event]:
        return self._emitter.start(service_tier=self.service_tier)


def _number_of_part(event: _Event, kind: str) -> int:
    return number_in(event, "summary_index" if kind == "summary" else "content_index") or 0
