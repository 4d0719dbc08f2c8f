"""Brings messages into the forms that some servers and chat templates insist on."""

from typing import Any

from translator.chat.request.parts import text_part
from translator.prompt.content import Part
from translator.traits import Traits

ChatMessage = dict[str, Any]

GO_ON = "Go on."
"""What a user says in a turn that a template wants and nobody has had."""
BETWEEN = "I have read it."
"""What an assistant says between a tool's result and a picture of the user's, which no tool's message can hold."""
NOT_SHOWN = {
    "image_url": ("image", "[An image stands here that this model cannot see.]"),
    "file": ("document", "[A document stands here that this model cannot read.]"),
}
"""By its type, what a part is called where it is dropped, and what stands in its place."""


def in_form(messages: list[ChatMessage], traits: Traits) -> tuple[list[ChatMessage], list[str]]:
    """Return the messages in the model's form, and the names of what the model does not get to see."""
    dropped: list[str] = []
    if traits.max_images is not None:
        messages = _with_fewer_images(messages, traits.max_images, dropped)
    if traits.content != "parts":
        messages = [_as_string(message, dropped, is_all=traits.content == "string") for message in messages]
    if traits.after_tool == "assistant":
        messages = _behind_tools(messages)
    if traits.turns == "alternating":
        messages = _alternating(messages)
    return messages, dropped


def _with_fewer_images(messages: list[ChatMessage], most: int, dropped: list[str]) -> list[ChatMessage]:
    """Keep the last images only: the conversation has dealt with the earlier ones."""
    left = most
    kept: list[ChatMessage] = []
    for message in reversed(messages):
        parts: list[Part] = []
        for part in reversed(_parts(message)):
            left -= part["type"] == "image_url"
            is_kept = part["type"] != "image_url" or left >= 0
            parts.append(part if is_kept else _not_shown(part, dropped))
        kept.append({**message, "content": parts[::-1]} if parts else message)
    return kept[::-1]


def _as_string(message: ChatMessage, dropped: list[str], *, is_all: bool) -> ChatMessage:
    """Return the content as one text. With `is_all`, other parts than text are dropped."""
    parts = _parts(message)
    if not parts or (not is_all and any(part["type"] != "text" for part in parts)):
        return message
    texts = [part if part["type"] == "text" else _not_shown(part, dropped) for part in parts]
    return {**message, "content": "\n\n".join(part["text"] for part in texts)}


def _not_shown(part: Part, dropped: list[str]) -> Part:
    name, note = NOT_SHOWN[part["type"]]
    dropped.append(name)
    return text_part(note)


def _behind_tools(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Move the user's text behind a tool result into that result."""
    formed: list[ChatMessage] = []
    for message in messages:
        if message["role"] == "user" and formed and formed[-1]["role"] == "tool":
            parts = _all_parts(message)
            texts = [part["text"] for part in parts if part["type"] == "text"]
            others = [part for part in parts if part["type"] != "text"]
            if texts:
                formed[-1] = _joined(formed[-1], "\n\n".join(texts))
            if others:
                formed += [{"role": "assistant", "content": BETWEEN}, {**message, "content": others}]
        else:
            formed.append(message)
    return formed


def _alternating(messages: list[ChatMessage]) -> list[ChatMessage]:
    """Let user and assistant alternate, a user first; no message is empty.

    Calls and their results keep their places.
    """
    formed: list[ChatMessage] = []
    for message in messages:
        last = formed[-1] if formed else None
        if message["role"] == "assistant" and (last is None or last["role"] in ("system", "developer")):
            formed.append({"role": "user", "content": GO_ON})
        if last is not None and _may_be_one(last, message):
            formed[-1] = {**last, "content": _all_parts(last) + _all_parts(message)}
            formed[-1] = _as_string(formed[-1], [], is_all=False)
        else:
            formed.append(message)
    return formed


def _may_be_one(first: ChatMessage, second: ChatMessage) -> bool:
    has_calls = "tool_calls" in first or "tool_calls" in second
    return first["role"] == second["role"] and first["role"] != "tool" and not has_calls


def _joined(message: ChatMessage, text: str) -> ChatMessage:
    return _as_string({**message, "content": [*_all_parts(message), text_part(text)]}, [], is_all=False)


def _parts(message: ChatMessage) -> list[Part]:
    """Return the parts of a content that has parts."""
    content = message["content"]
    return content if isinstance(content, list) else []


def _all_parts(message: ChatMessage) -> list[Part]:
    """Return the content as parts."""
    content = message["content"]
    return content if isinstance(content, list) else [text_part(content)] if content else []
