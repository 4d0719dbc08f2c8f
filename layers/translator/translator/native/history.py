"""Mends the history of a session that other models have answered too, for an upstream of the caller's own API.

Thinking that the upstream has not signed would be a 400 for the rest of the session, and so would be tool ids that it
does not allow. What it has said itself goes back as it is, to the byte; and what is mended is mended alike in every
later request, so that caches hold.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from translator.native.json_members import Edit, JsonObject, Span, item_spans, member_spans
from translator.tool_ids import unwrap

_OURS = re.compile(r"ew\d+\.")
"""How signatures of ours begin, in this form or a later one."""
_FOREIGN = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Digests and UUIDs, with which other providers sign on endpoints of this API. Claude's signatures are long base64."""
_CLAUDES = re.compile(r"E[A-Za-z0-9+/]{40,}={0,2}")
"""A protocol buffer whose first field is its second, in base64."""
_ALLOWED_ID = re.compile(r"[a-zA-Z0-9_-]+")
_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_ID = 64
_ID_OF = {"tool_use": "id", "tool_result": "tool_use_id"}
_SEARCH_ID_OF = {"server_tool_use": "id", "web_search_tool_result": "tool_use_id"}
_CLEARS_THINKING = "clear_thinking"

Block = Mapping[str, Any]


class Mended(NamedTuple):
    """The changes to make in a request."""

    edits: list[Edit]
    dropped: tuple[str, ...]


def mended(document: JsonObject, *, is_claude: bool) -> Mended:
    """Return the edits that take foreign thinking and illegal tool ids out of the conversation."""
    messages = document.members.get("messages")
    if not isinstance(messages, list):
        return Mended([], ())
    history = _History(is_claude=is_claude)
    touched = {at: told for at, message in enumerate(messages) if (told := history.changes(message))}
    if not touched:
        return Mended([], ())
    edits = _message_edits(document, messages, touched)
    last = max((at for at, message in enumerate(messages) if _role(message) == "assistant"), default=-1)
    is_stopped = last in touched and touched[last].is_foreign and _must_think_first(document, messages, last)
    if not is_stopped:
        return Mended(edits, ())
    return Mended([*edits, *_without_thinking(document)], ("thinking",))


class _Changes(NamedTuple):
    """The changes in one message: the blocks to remove, and the new ids of others, by position."""

    gone: frozenset[int]
    ids: Mapping[int, str]
    is_foreign: bool
    """Whether another model has made the message."""


class _History:
    """Reads the messages in order. So an id is mapped as it was in an earlier, shorter request."""

    def __init__(self, *, is_claude: bool) -> None:
        self._is_claude = is_claude
        self._new_ids: dict[str, str] = {}
        self._taken: set[str] = set()

    def changes(self, message: object) -> _Changes | None:
        """Return the changes of a message; None where it has none."""
        gone, ids, blocks = set[int](), dict[int, str](), _blocks(message)
        searches = _searches_of_others(blocks)
        for at, block in enumerate(blocks):
            kind = str(block.get("type"))
            if kind in ("thinking", "redacted_thinking"):
                if self._is_foreign_thinking(block):
                    gone.add(at)
            elif kind in _SEARCH_ID_OF and _is_one_of(block.get(_SEARCH_ID_OF[kind]), searches):
                gone.add(at)
            elif kind in _ID_OF and isinstance(told := block.get(_ID_OF[kind]), str) and told:
                new = self._id(told)
                if new != told:
                    ids[at] = new
        return _Changes(frozenset(gone), ids, is_foreign=bool(gone or ids)) if gone or ids else None

    def _is_foreign_thinking(self, block: Block) -> bool:
        signed = block.get("data" if block["type"] == "redacted_thinking" else "signature")
        if not isinstance(signed, str) or not signed:
            # Other providers of this API take their own thinking back without a signature.
            return self._is_claude
        if self._is_claude:
            return bool(_OURS.match(signed) or _FOREIGN.fullmatch(signed))
        return bool(_OURS.match(signed) or _CLAUDES.fullmatch(signed))

    def _id(self, told: str) -> str:
        if told not in self._new_ids:
            own = unwrap(told)
            plain = told if own is None else own.upstream_id
            if not _ALLOWED_ID.fullmatch(plain):
                plain = _NOT_ALLOWED.sub("_", plain)
            new = plain if own is None else plain[:_LONGEST_ID]
            number = 1
            while new in self._taken:
                number += 1
                new = f"{plain[:_LONGEST_ID]}_{number}"
            self._taken.add(new)
            self._new_ids[told] = new
        return self._new_ids[told]


def _message_edits(document: JsonObject, messages: list[Any], touched: Mapping[int, _Changes]) -> list[Edit]:
    text, whole = document.text, document.spans["messages"]
    edits, kept = [], []
    spans = item_spans(text, whole)
    for at, span in enumerate(spans):
        changes = touched.get(at)
        if changes is None:
            kept.append(text[span.start : span.end])
        elif len(changes.gone) < len(messages[at]["content"]):
            content = member_spans(text, span)["content"]
            edits.append(Edit(content, _content(text, content, messages[at]["content"], changes)))
            kept.append(text[span.start : content.start] + edits[-1].text + text[content.end : span.end])
    if len(kept) == len(spans):
        return edits
    # A message of which nothing is left is none.
    return [Edit(whole, f"[{','.join(kept)}]")]


def _content(text: str, whole: Span, blocks: list[Any], changes: _Changes) -> str:
    """Return the array of blocks: the blocks that stay, unchanged but for an id."""
    kept = []
    for at, span in enumerate(item_spans(text, whole)):
        if at in changes.ids:
            told = member_spans(text, span)[_ID_OF[blocks[at]["type"]]]
            kept.append(f"{text[span.start : told.start]}{json.dumps(changes.ids[at])}{text[told.end : span.end]}")
        elif at not in changes.gone:
            kept.append(text[span.start : span.end])
    return f"[{','.join(kept)}]"


def _must_think_first(document: JsonObject, messages: list[Any], last: int) -> bool:
    """Tell whether another model has begun the turn that goes on. Thinking may go on only where it began the turn.

    https://platform.claude.com/docs/en/build-with-claude/extended-thinking#toggling-thinking-modes-in-conversations
    """
    thinking = document.members.get("thinking")
    is_asked = isinstance(thinking, dict) and thinking.get("type") == "enabled"
    goes_on = any(block.get("type") == "tool_result" for message in messages[last + 1 :] for block in _blocks(message))
    return is_asked and goes_on


def _without_thinking(document: JsonObject) -> Iterator[Edit]:
    yield Edit(document.spans["thinking"], '{"type":"disabled"}')
    management = document.members.get("context_management")
    told = management.get("edits") if isinstance(management, dict) else None
    if not isinstance(told, list):
        return
    stays = [edit for edit in told if not (isinstance(edit, dict) and _clears_thinking(edit))]
    if len(stays) < len(told):
        # It may only be cleared where it is on.
        new = {**management, "edits": stays} if stays and isinstance(management, dict) else None
        yield Edit(document.spans["context_management"], json.dumps(new))


def _clears_thinking(edit: Block) -> bool:
    return str(edit.get("type")).startswith(_CLEARS_THINKING)


def _searches_of_others(blocks: list[Any]) -> set[str]:
    """The ids of searches that somebody else has made: what these have found is not encrypted, as Anthropic's is."""
    results = (block for block in blocks if block.get("type") == "web_search_tool_result")
    found = ((block.get("tool_use_id"), block.get("content")) for block in results)
    return {
        made for made, told in found if isinstance(made, str) and isinstance(told, list) and any(map(_is_plain, told))
    }


def _is_one_of(identity: object, searches: set[str]) -> bool:
    return isinstance(identity, str) and identity in searches


def _is_plain(result: object) -> bool:
    if not isinstance(result, dict):
        return False
    return result.get("type") == "web_search_result" and not result.get("encrypted_content")


def _role(message: object) -> object:
    return message.get("role") if isinstance(message, dict) else None


def _blocks(message: object) -> list[Any]:
    """Return the blocks of a message. An item that is no block becomes an empty one, so that positions hold."""
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return []
    return [block if isinstance(block, dict) else {} for block in content]
