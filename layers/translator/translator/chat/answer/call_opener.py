"""Opens the tool calls of an answer: each as soon as all is known that its start must hold."""

from collections.abc import Sequence

from translator.anthropic.events import Event, encode_json
from translator.chat.answer.call_formats import WrittenCall
from translator.chat.answer.tool_calls import Call, CallTracker, Fragment
from translator.stream.emitter import Emitter
from translator.tool_ids import wrap
from translator.tool_names import ToolNames

LONGEST_CALL_ID = 64
"""Characters of an upstream's id that go into ours. It meets longer ones again under another name anyway."""


class CallOpener:
    """Holds back the calls whose ids must hold a signature, which may come after them, and those written into text."""

    def __init__(self, emitter: Emitter, *, tool_names: ToolNames, message_id: str, waits_for_signatures: bool) -> None:
        self._emitter = emitter
        self._tool_names = tool_names
        self._message_id = message_id
        self._waits_for_signatures = waits_for_signatures
        self._tracker = CallTracker()
        self._written: list[WrittenCall] = []

    @property
    def calls(self) -> list[Call]:
        """The calls that the upstream has sent as such."""
        return self._tracker.calls

    def feed(self, fragment: Fragment) -> list[Event]:
        """A fragment of a call."""
        call = self._tracker.take(fragment)
        if call.has_begun:
            return self._emitter.arguments(call, fragment.arguments)
        return self._open(call) if call.name and not self._waits_for_signatures else []

    def go_on(self, fragment: Fragment, arguments: Sequence[str]) -> list[Event]:
        """More fragments like this one, of arguments alone, each with others."""
        call = self._tracker.numbered(fragment)
        if call is None or not call.has_begun:
            return [event for each in arguments for event in self.feed(fragment._replace(arguments=each))]
        call.arguments += arguments
        return self._emitter.arguments(call, *arguments)

    def keep(self, call: WrittenCall) -> None:
        """A call that stood in the text: a server that has found one after all may still send it as well."""
        self._written.append(call)

    def sign(self, signature: str) -> None:
        """A signature on its own belongs to the first of the calls that wait for one."""
        for call in self.calls:
            if not call.has_begun and call.signature is None:
                call.signature = signature
                return

    def open_waiting(self) -> list[Event]:
        """Open the calls that have waited for a signature: something else follows them, or nothing."""
        events: list[Event] = []
        if self._waits_for_signatures:
            for call in self.calls:
                if call.name and not call.has_begun:
                    events += self._open(call)
        return events

    def open_written(self) -> list[Event]:
        """Open the calls that stood in the text and that the upstream has not sent as well."""
        unsent = [call for call in self._written if not self._tracker.has(call.name, call.arguments)]
        events: list[Event] = []
        for name, arguments in unsent:
            encoded = encode_json(arguments).decode("ascii")
            events += self._open(self._tracker.begin(Fragment(None, "", name, encoded, None)))
        return events

    def _open(self, call: Call) -> list[Event]:
        call.has_begun = True
        tool_use_id = wrap(
            (call.upstream_id or f"call_{call.position}")[:LONGEST_CALL_ID],
            position=call.position,
            message_id=self._message_id,
            signature=call.signature,
        )
        events = self._emitter.tool_call(call, tool_use_id=tool_use_id, name=self._tool_names.original(call.name))
        return events + self._emitter.arguments(call, "".join(call.arguments))
