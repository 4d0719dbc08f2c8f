"""What one chunk of chat completions says, in whichever of the spellings that upstreams use.

What is missing or empty says nothing; a value of another type than any server sends is a failure of the upstream.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from translator.anthropic.errors import upstream_failure
from translator.chat.think_tags import Piece
from translator.chat.tool_calls import Fragment
from translator.reasoning_details import Detail, text_of

MEDIA = {
    "images": "[The model has sent an image, which cannot be shown here.]",
    "audio": "[The model has sent audio, which cannot be played here.]",
}
"""By the field in which it comes, OpenRouter's and OpenAI's."""


class Delta(NamedTuple):
    """What is new in the answer."""

    pieces: list[Piece]
    """Reasoning and text, in order."""
    details: list[Detail]
    """OpenRouter's own form of the reasoning."""
    refusal: str
    fragments: list[Fragment]
    signature: str | None
    """Gemini's thought signature, where it comes on its own."""
    finish_reason: str | None
    sources: list[str]
    """Of what was said: a title and an address each."""
    media: list[str]
    """What the API has no block for, as a note."""


def plain_text(chunk: Mapping[str, Any]) -> str | None:
    """The text of a chunk that says nothing else, as nearly all of a stream do; None for every other."""
    choices = chunk.get("choices")
    if (
        chunk.get("usage")
        or chunk.get("error")
        or chunk.get("x_groq")
        or not isinstance(choices, list)
        or len(choices) != 1
        or not isinstance(choices[0], dict)
    ):
        return None
    choice = choices[0]
    delta = choice.get("delta")
    if choice.get("index") or choice.get("finish_reason") or not isinstance(delta, dict):
        return None
    for name, value in delta.items():
        if value and name not in ("role", "content"):
            return None
    text = delta.get("content")
    return text if isinstance(text, str) and text else None


def read_deltas(chunk: Mapping[str, Any]) -> list[Delta]:
    """What the chunk says of the first answer; whoever sends a second one was not asked for it."""
    return [_delta(choice) for choice in _objects(chunk, "choices") if not choice.get("index")]


def _delta(choice: Mapping[str, Any]) -> Delta:
    # A whole completion has a message in its stead.
    delta = _object(choice, "delta") or _object(choice, "message")
    reason = choice.get("finish_reason")
    return Delta(
        pieces=_pieces(delta),
        details=_details(delta),
        refusal=_text(delta.get("refusal")),
        fragments=_fragments(delta),
        signature=_signature(delta),
        finish_reason=reason if isinstance(reason, str) and reason else None,
        sources=_sources(delta),
        media=[note for name, note in MEDIA.items() if delta.get(name)],
    )


def _pieces(delta: Mapping[str, Any]) -> list[Piece]:
    """Reasoning comes before text. Text is a string, or Mistral's parts, of which those of other types hold none."""
    reasoning, content = _reasoning(delta), delta.get("content")
    pieces: list[Piece] = [("thinking", reasoning)] if reasoning else []
    if isinstance(content, str):
        pieces.append(("thinking", _THOUGHT.sub("", content)) if _is_thought(delta) else ("text", content))
        return pieces
    for part in _objects(delta, "content"):
        is_thinking = part.get("type") == "thinking"
        pieces.append(("thinking", _text(part.get("thinking"))) if is_thinking else ("text", _text(part.get("text"))))
    return pieces


_THOUGHT = re.compile(r"</?thought>")


def _is_thought(delta: Mapping[str, Any]) -> bool:
    """Whether Gemini marks the content as its summary of what it thinks, which it puts between tags besides."""
    extra = _object(delta, "extra_content")
    return bool(extra) and _object(extra, "google").get("thought") is True


def _sources(delta: Mapping[str, Any]) -> list[str]:
    """OpenAI's url citations, which OpenRouter's searches have too."""
    citations = (_object(annotation, "url_citation") for annotation in _objects(delta, "annotations"))
    return [f"{_text(each.get('title')) or 'Untitled'}: {_text(each.get('url'))}" for each in citations if each]


def _reasoning(delta: Mapping[str, Any]) -> str:
    """Reasoning under the first of its names that is there; OpenRouter sends two at once."""
    for name in ("reasoning_content", "reasoning"):
        value = delta.get(name)
        if isinstance(value, str) and value:
            return value
    return text_of(_details(delta))


def _details(delta: Mapping[str, Any]) -> list[Detail]:
    details = delta.get("reasoning_details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _fragments(delta: Mapping[str, Any]) -> list[Fragment]:
    """The fragments of tool calls, the legacy `function_call` among them."""
    calls = _objects(delta, "tool_calls")
    if not calls and (legacy := _object(delta, "function_call")):
        calls = [{"index": 0, "function": legacy}]
    return [_fragment(call) for call in calls]


def _fragment(call: Mapping[str, Any]) -> Fragment:
    function = _object(call, "function")
    index = call.get("index")
    name = function.get("name") or ""
    if not isinstance(name, str):
        raise _unreadable("name")
    arguments = function.get("arguments") or ""
    return Fragment(
        number=index if isinstance(index, int) else None,
        upstream_id=str(call.get("id") or ""),
        name=name,
        arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
        signature=_signature(call),
    )


def _signature(holder: Mapping[str, Any]) -> str | None:
    extra = _object(holder, "extra_content")
    if not extra:
        return None
    signatures = (_object(extra, vendor).get("thought_signature") for vendor in ("google", "vertex"))
    return next((signature for signature in signatures if isinstance(signature, str) and signature), None)


def _text(value: object) -> str:
    """Text that is a string, or a list of text parts."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return ""
    texts = (part.get("text") for part in value if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name) or {}
    if not isinstance(value, dict):
        raise _unreadable(name)
    return value


def _objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = holder.get(name) or []
    if not isinstance(value, list):
        raise _unreadable(name)
    for item in value:
        if not isinstance(item, dict):
            raise _unreadable(name)
    return value


def _unreadable(name: str) -> Exception:
    return upstream_failure(f"the upstream sent `{name}` in a form that is not known")
