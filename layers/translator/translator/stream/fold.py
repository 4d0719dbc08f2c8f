"""Folds the events of a stream into the whole answer, so that the two cannot disagree."""

from collections import defaultdict
from collections.abc import Iterable

from translator.anthropic.errors import ApiError, upstream_failure
from translator.anthropic.events import CUT_SHORT, Event, Message, MessageDelta
from translator.partial_json import parse_object, parse_truncated_object

_FIELD = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}


class Fold:
    """Collects events. After `message_stop`, `message` is the whole answer."""

    def __init__(self) -> None:
        self._message: Message | None = None
        self._pieces: list[defaultdict[str, list[str]]] = []
        self._is_whole = False

    def feed(self, events: Iterable[Event]) -> None:
        """Add the next events. Raises `ApiError` for an error event."""
        for event in events:
            if event["type"] == "content_block_delta":
                delta = event["delta"]
                name = _FIELD[delta["type"]]
                self._pieces[event["index"]][name].append(delta[name])
            elif event["type"] == "content_block_start":
                self._started()["content"].append(dict(event["content_block"]))
                self._pieces.append(defaultdict(list))
            elif event["type"] == "message_start":
                self._message = event["message"]
            elif event["type"] == "message_delta":
                self._end(self._started(), event)
            elif event["type"] == "message_stop":
                self._is_whole = True
            elif event["type"] == "error":
                raise ApiError(event["error"]["type"], event["error"]["message"])

    @property
    def message(self) -> Message:
        """Return the whole answer. Raises `api_error` where the events have not come to an end."""
        if self._message is None or not self._is_whole:
            raise upstream_failure("the upstream closed the stream before the answer was complete")
        return self._message

    def _started(self) -> Message:
        if self._message is None:
            raise upstream_failure("the upstream's answer has no beginning")
        return self._message

    def _end(self, message: Message, event: MessageDelta) -> None:
        parse = parse_truncated_object if event["delta"]["stop_reason"] in CUT_SHORT else parse_object
        for block, pieces in zip(message["content"], self._pieces, strict=True):
            for name, parts in pieces.items():
                text = "".join(parts)
                if name == "partial_json":
                    block["input"] = parse(text)
                else:
                    block[name] = text
        message["stop_reason"] = event["delta"]["stop_reason"]
        message["stop_sequence"] = event["delta"]["stop_sequence"]
        message["stop_details"] = event["delta"]["stop_details"]
        message["usage"].update(event["usage"])
