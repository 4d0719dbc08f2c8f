"""Marks what is to be cached, for a client that marks nothing: its session asks again with the same beginning."""

from typing import Any, Final

from translator.dialect import Caller
from translator.traits import Traits

_MARKER: Final = "cache_control"
_EPHEMERAL: Final = {_MARKER: {"type": "ephemeral"}}


def mark_session(messages: list[dict[str, Any]], traits: Traits, caller: Caller) -> None:
    """Mark the end of the first message, and of the last one that is no answer, where a session has set no marker.

    A request without a session may be the only one of its kind: writing a cache costs more than it saves.
    """
    if traits.cache_marker != _MARKER or caller.session is None or any(map(_is_marked, messages)):
        return
    last = next((number for number, each in reversed(list(enumerate(messages))) if each["role"] != "assistant"), 0)
    for number in {0, last}:
        content = messages[number].get("content")
        parts = [{"type": "text", "text": content}] if isinstance(content, str) and content else content
        if isinstance(parts, list) and parts:
            messages[number]["content"] = [*parts[:-1], {**parts[-1], **_EPHEMERAL}]


def _is_marked(message: dict[str, Any]) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(_MARKER in part for part in content)
