"""Reads one chunk of chat completions (text, reasoning, tool calls), in each spelling that upstreams use.

What is missing or empty says nothing; a value of another type than any server sends is a failure of the upstream.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from translator.anthropic.errors import upstream_failure
from translator.chat.answer.pieces import Details, Piece, PlainPiece, Refusal, Text, Thinking
from translator.chat.answer.tool_calls import Fragment
from translator.reasoning_details import Detail, text_of

MEDIA = {
    "images": "[The model has sent an image, which cannot be shown here.]",
    "audio": "[The model has sent audio, which cannot be played here.]",
}
"""By the field in which it comes, OpenRouter's and OpenAI's."""
UNKNOWN_PART = "[The model has sent something that cannot be shown here.]"
UNREADABLE_SOURCE = "[a source in a form that is not known]"

_MEDIA_PARTS = {"image_url": MEDIA["images"], "image": MEDIA["images"], "audio": MEDIA["audio"]}
_WORDLESS_PARTS = frozenset({"reference"})
"""Mistral's, which name its own search results by number."""

_Part = Text | Thinking | Refusal | str
"""Of a content that is a list; a string is the note on what the API has no block for."""


class Delta(NamedTuple):
    """What is new in the answer."""

    pieces: list[Piece]
    """In order, none of them empty."""
    signature: str | None
    """Gemini's thought signature, where it comes on its own."""
    finish_reason: str | None
    sources: list[str]
    """Of what was said: a title and an address each."""
    media: list[str]
    """What the API has no block for, as a note."""


class Plain(NamedTuple):
    """What a chunk says that says nothing else: the words, the name of the member that holds them, and their kind."""

    words: str
    name: str
    kind: PlainPiece
    """A piece of the same kind, with the words of the first chunk."""


def plain(chunk: Mapping[str, Any]) -> Plain | None:
    """What is said by a chunk that says one thing, as nearly all of a stream do; None for every other."""
    try:
        (choice,) = chunk["choices"]
        delta = choice["delta"]
        said = {name: delta[name] for name in delta if name != "role" and delta[name]}
    except (LookupError, TypeError, ValueError):
        return None
    told, beside = chunk.get, choice.get
    if (
        len(said) != 1
        or told("usage")
        or told("error")
        or told("citations")
        or told("search_results")
        or told("x_groq")
        or beside("index")
        or beside("finish_reason")
        or beside("error")
    ):
        return None
    match said:
        case {"content": str(words)}:
            return Plain(words, "content", Text(words))
        case {"reasoning_content": str(words)} | {"reasoning": str(words)}:
            return Plain(words, next(iter(said)), Thinking(words))
        case {"tool_calls": [{"index": int(number), "function": {"arguments": str(words), **function}, **call}]}:
            if words and not any((function.get("name"), call.get("id"), call.get("extra_content"))):
                return Plain(words, "arguments", Fragment(number, "", "", words, None))
        case _:
            pass
    return None


def read_deltas(chunk: Mapping[str, Any], *, takes_message: bool, takes_details: bool) -> list[Delta]:
    """What the chunk says of the first answer; whoever sends a second one was not asked for it.

    `takes_message` tells whether a whole message is news: at the end MiniMax repeats in one what its deltas have said.
    `takes_details` tells whether the model wants OpenRouter's form of the reasoning back.
    """
    first = [choice for choice in _objects(chunk, "choices") if not _number(choice, "index")]
    deltas = [(choice, _message(choice, takes_message=takes_message)) for choice in first]
    return [_delta(choice, delta, takes_details=takes_details) for choice, delta in deltas]


def read_sources(chunk: Mapping[str, Any]) -> list[str]:
    """The sources that Perplexity and xAI name beside the choices."""
    told = chunk.get("search_results") or chunk.get("citations")
    return [_source(each) for each in _as_list(told)] if told else []


def _delta(choice: Mapping[str, Any], delta: Mapping[str, Any], *, takes_details: bool) -> Delta:
    told = choice.get("finish_reason")
    reason = told if isinstance(told, str) and told else None
    if not any(map(delta.get, delta.keys() - {"role"})):  # the beginning or the end of a stream
        return Delta([], None, reason, [], [])
    parts = [] if isinstance(delta.get("content"), str) else [*_parts(delta)]
    return Delta(
        pieces=_pieces(delta, parts, _details(delta) if takes_details else []),
        signature=_signature(delta),
        finish_reason=reason,
        sources=[_source(each) for each in _as_list(delta.get("annotations")) if _may_be_source(each)],
        media=[
            *(note for name, note in MEDIA.items() if delta.get(name)),
            *(part for part in parts if isinstance(part, str)),
        ],
    )


def _message(choice: Mapping[str, Any], *, takes_message: bool) -> dict[str, Any]:
    """Of a stream the delta, of a whole completion the message, of the older completions the text."""
    if choice.get("delta") is not None:
        return _object(choice, "delta")
    if choice.get("message") is not None:
        return _object(choice, "message") if takes_message else {}
    return {"content": choice.get("text")}


def _pieces(delta: Mapping[str, Any], parts: Sequence[_Part], details: list[Detail]) -> list[Piece]:
    """Reasoning comes before text, and its details come before the first text that follows it."""
    reasoning = _reasoning(delta)
    pieces: list[Piece] = [Thinking(reasoning)] if reasoning else []
    pieces += [piece for piece in (*_content(delta), *parts) if isinstance(piece, Text | Thinking) and piece.text]
    if details:
        first_text = next((at for at, piece in enumerate(pieces) if isinstance(piece, Text)), len(pieces))
        pieces.insert(first_text, Details(details))
    refusal = _words(delta, "refusal") + "".join(part.text for part in parts if isinstance(part, Refusal))
    return [*pieces, *([Refusal(refusal)] if refusal else []), *_fragments(delta)]


def _content(delta: Mapping[str, Any]) -> list[Text | Thinking]:
    content = delta.get("content")
    if not isinstance(content, str):
        return []
    return [Thinking(_THOUGHT.sub("", content)) if _is_thought(delta) else Text(content)]


def _parts(delta: Mapping[str, Any]) -> Iterable[_Part]:
    """The parts of a content that is a list, as Mistral's: a part is the answer, so that none may be passed over."""
    for part in _items(delta, "content"):
        if isinstance(part, str):
            yield Text(part)
            continue
        if not isinstance(part, dict):
            raise _unreadable("content")
        kind = str(part.get("type"))
        if kind == "thinking":
            yield Thinking(_words(part, "thinking"))
        elif kind == "refusal":
            yield Refusal(_words(part, "refusal"))
        elif "text" in part:
            yield Text(_words(part, "text"))
        elif kind not in _WORDLESS_PARTS:
            yield _MEDIA_PARTS.get(kind, UNKNOWN_PART)


_THOUGHT = re.compile(r"</?thought>")


def _is_thought(delta: Mapping[str, Any]) -> bool:
    """Whether Gemini marks the content as its summary of what it thinks, which it puts between tags besides."""
    extra = _object(delta, "extra_content")
    return bool(extra) and _object(extra, "google").get("thought") is True


def _may_be_source(annotation: object) -> bool:
    """Whether it is OpenAI's url citation, which OpenRouter's searches have too, or nothing that is known."""
    return not isinstance(annotation, dict) or annotation.get("type", "url_citation") == "url_citation"


def _source(found: object) -> str:
    """A title and an address. It stands beside the answer, which is none the worse where it cannot be read."""
    holder = (found.get("url_citation") or found) if isinstance(found, dict) else {"url": found}
    if not isinstance(holder, dict):
        holder = {"url": holder}
    url, title = holder.get("url"), holder.get("title")
    if not isinstance(url, str) or not url:
        return UNREADABLE_SOURCE
    return f"{title}: {url}" if isinstance(title, str) and title else url


def _reasoning(delta: Mapping[str, Any]) -> str:
    """Reasoning under the first of its names that is there; OpenRouter sends two at once."""
    return _words(delta, "reasoning_content") or _words(delta, "reasoning") or text_of(_details(delta))


def _details(delta: Mapping[str, Any]) -> list[Detail]:
    details = delta.get("reasoning_details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _fragments(delta: Mapping[str, Any]) -> list[Fragment]:
    """The fragments of tool calls that say something, the legacy `function_call` among them."""
    calls = _objects(delta, "tool_calls")
    if not calls and (legacy := _object(delta, "function_call")):
        calls = [{"index": 0, "function": legacy}]
    fragments = [_fragment(call) for call in calls]
    return [fragment for fragment in fragments if any(fragment[1:])]


def _fragment(call: Mapping[str, Any]) -> Fragment:
    function = _object(call, "function")
    name = function.get("name") or ""
    if not isinstance(name, str):
        raise _unreadable("name")
    arguments = function.get("arguments")
    if arguments in (None, {}, []):  # PHP writes an empty object as a list
        arguments = ""
    return Fragment(
        number=_number(call, "index"),
        upstream_id=str(call.get("id") or ""),
        name=name.strip(),
        arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
        signature=_signature(call),
    )


def _signature(holder: Mapping[str, Any]) -> str | None:
    extra = _object(holder, "extra_content")
    if not extra:
        return None
    signatures = (_object(extra, vendor).get("thought_signature") for vendor in ("google", "vertex"))
    return next((signature for signature in signatures if isinstance(signature, str) and signature), None)


def _words(holder: Mapping[str, Any], name: str) -> str:
    """Text, in a string or in parts."""
    value = holder.get(name) or ""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [value]
    return "".join(_word(part, name) for part in parts)


def _word(part: object, name: str) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    if not isinstance(text, str):
        raise _unreadable(name)
    return text


def _number(holder: Mapping[str, Any], name: str) -> int | None:
    """A whole number, however it is written."""
    value = holder.get(name)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise _unreadable(name)


_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = holder.get(name) or {}
    if not isinstance(value, dict):
        raise _unreadable(name)
    return value


def _objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = _items(holder, name)
    for item in items:
        if not isinstance(item, dict):
            raise _unreadable(name)
    return items


def _items(holder: Mapping[str, Any], name: str) -> list[Any]:
    """The items of a list; null says nothing, as everywhere."""
    value = holder.get(name) or []
    if not isinstance(value, list):
        raise _unreadable(name)
    return [item for item in value if item is not None]


def _as_list(value: object) -> list[Any]:
    """The items of a list, or the one thing that stands in its place."""
    return value if isinstance(value, list) else [value] if value else []


def _unreadable(name: str) -> Exception:
    return upstream_failure(f"the upstream sent `{name}` in a form that is not known")
