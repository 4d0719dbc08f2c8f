"""Events of OpenAI's Responses, in the shapes in which OpenAI sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

USAGE: Json = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 2},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 15,
}


def response(status: str = "in_progress", output: Sequence[Json] = (), **more: Any) -> Json:
    """The response itself, as far as it has come."""
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "status": status,
        **more,
    }


def ended(status: str = "completed", output: Sequence[Json] = (), **more: Any) -> Json:
    """The event that ends an answer."""
    return {"type": f"response.{status}", "response": response(status, output, **{"usage": USAGE, **more})}


def begun(**more: Any) -> Json:
    """The event that every answer begins with."""
    return {"type": "response.created", "response": response(**more)}


def numbered(events: Iterable[Json]) -> list[Json]:
    """The events as they are sent, each with its number."""
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def added(at: int, item: Json) -> Json:
    """An item begins."""
    return {"type": "response.output_item.added", "output_index": at, "item": item}


def done(at: int, item: Json) -> Json:
    """An item is whole."""
    return {"type": "response.output_item.done", "output_index": at, "item": item}


def message(*texts: str, identity: str = "msg_1", kind: str = "output_text", **more: Any) -> Json:
    """A message."""
    name = "refusal" if kind == "refusal" else "text"
    parts = [{"type": kind, name: text, **({} if kind == "refusal" else {"annotations": []})} for text in texts]
    return {"type": "message", "id": identity, "role": "assistant", "status": "completed", "content": parts, **more}


def reasoning(*summary: str, blob: str = "", identity: str = "rs_1", content: Sequence[str] = ()) -> Json:
    """A reasoning item."""
    texts = [{"type": "reasoning_text", "text": text} for text in content]
    return {
        "type": "reasoning",
        "id": identity,
        "summary": [{"type": "summary_text", "text": text} for text in summary],
        **({"encrypted_content": blob} if blob else {}),
        **({"content": texts} if texts else {}),
    }


def call(arguments: str, *, name: str = "look", call_id: str = "call_1", identity: str = "fc_1") -> Json:
    """A call of a function."""
    return {"type": "function_call", "id": identity, "call_id": call_id, "name": name, "arguments": arguments}


def search(query: str = "rain", *pages: str, identity: str = "ws_1", status: str = "completed", **action: Any) -> Json:
    """A search of the web, and the addresses of what it has found."""
    sources: Json = {"sources": [{"type": "url", "url": url} for url in pages]} if pages else {}
    about = {"type": "search", "query": query, **sources, **action}
    return {"type": "web_search_call", "id": identity, "status": status, "action": about}


def search_events(at: int, query: str = "rain", *pages: str, identity: str = "ws_1") -> Iterator[Json]:
    """A search, from its beginning to its end."""
    yield added(at, search(query, identity=identity, status="in_progress"))
    for step in ("in_progress", "searching", "completed"):
        yield {"type": f"response.web_search_call.{step}", "output_index": at, "item_id": identity}
    yield done(at, search(query, *pages, identity=identity))


def citation(url: str, title: str) -> Json:
    """A page that a text cites."""
    return {"type": "url_citation", "url": url, "title": title, "start_index": 0, "end_index": 1}


def cited(at: int, annotation: Json, *, identity: str = "msg_1") -> Json:
    """The event that tells of it."""
    place: Json = {"output_index": at, "item_id": identity, "content_index": 0, "annotation_index": 0}
    return {"type": "response.output_text.annotation.added", "annotation": annotation, **place}


def piece(kind: str, at: int, identity: str, text: str, **more: Any) -> Json:
    """A delta."""
    return {"type": f"response.{kind}.delta", "output_index": at, "item_id": identity, "delta": text, **more}


def whole(kind: str, at: int, identity: str, **more: Any) -> Json:
    """A text or the arguments of a call, whole."""
    return {"type": f"response.{kind}.done", "output_index": at, "item_id": identity, **more}


def text_events(
    at: int, text: str, *, identity: str = "msg_1", pieces: Sequence[str] = (), **more: Any
) -> Iterator[Json]:
    """A message of one text, from its beginning to its end."""
    place: Json = {"content_index": 0}
    yield added(at, {**message(identity=identity, **more), "status": "in_progress"})
    part = {"type": "output_text", "text": "", "annotations": []}
    yield {"type": "response.content_part.added", "output_index": at, "item_id": identity, "part": part, **place}
    for each in pieces or [text]:
        yield piece("output_text", at, identity, each, logprobs=[], **place)
    yield whole("output_text", at, identity, text=text, logprobs=[], **place)
    part = {**part, "text": text}
    yield {"type": "response.content_part.done", "output_index": at, "item_id": identity, "part": part, **place}
    yield done(at, message(text, identity=identity, **more))


def call_events(at: int, arguments: str, *pieces: str, **names: str) -> Iterator[Json]:
    """A call, from its beginning to its end."""
    item = call(arguments, **names)
    yield added(at, {**item, "arguments": "", "status": "in_progress"})
    for each in pieces or ([arguments] if arguments else []):
        yield piece("function_call_arguments", at, item["id"], each)
    yield whole("function_call_arguments", at, item["id"], arguments=arguments, name=item["name"])
    yield done(at, {**item, "status": "completed"})


def reasoning_events(at: int, *summary: str, blob: str = "", identity: str = "rs_1") -> Iterator[Json]:
    """A reasoning item with its summary; what is encrypted is not whole before the end."""
    yield added(at, reasoning(blob=blob[:3], identity=identity))
    for number, text in enumerate(summary):
        place: Json = {"summary_index": number}
        part: Json = {"type": "summary_text", "text": ""}
        kind = "reasoning_summary_text"
        about: Json = {"output_index": at, "item_id": identity, **place}
        yield {"type": "response.reasoning_summary_part.added", "part": part, **about}
        yield piece(kind, at, identity, text, **place)
        yield whole(kind, at, identity, text=text, **place)
        part = {**part, "text": text}
        yield {"type": "response.reasoning_summary_part.done", "part": part, **about}
    yield done(at, reasoning(*summary, blob=blob, identity=identity))


def failed(code: str, message: str) -> Json:
    """The event that tells of a failure."""
    return {"type": "response.failed", "response": response("failed", error={"code": code, "message": message})}


def error(code: str, message: str, **more: Any) -> Json:
    """The event that is an error."""
    return {"type": "error", "code": code, "message": message, "param": None, **more}


def without(events: Iterable[Json], *names: str) -> list[Json]:
    """The events without these fields, in their items too."""
    return [_without(event, names) for event in events]


def _without(event: Mapping[str, Any], names: Sequence[str]) -> Json:
    kept = {name: value for name, value in event.items() if name not in names}
    if isinstance(kept.get("item"), dict) and "item.id" in names:
        kept["item"] = {name: value for name, value in kept["item"].items() if name != "id"}
    return kept
