"""Says what is wrong with a request, in the words of the real API.

Of what the caller has sent nothing is quoted but a `type` or a `role` that is a word, and a tool's name that is one.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

_WORD = re.compile(r"[A-Za-z0-9_]{1,64}")
"""What a tag is; whoever sends a text in its place does not get it back."""
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What the official description allows."""

TYPED_TOOL = "typed"
"""Our own tag of the tools that Anthropic defines, which is no part of any path in a request."""

NO_OBJECT = "Input should be a valid dictionary or object to extract fields from"
ROLES = 'Allowed roles are "user", "assistant" or "system".'


def complaint(error: ValidationError) -> str:
    """The first mistake: where it is, and what should be there."""
    first = error.errors(include_url=False)[0]
    where, what = _placed(tuple(part for part in first["loc"] if part != TYPED_TOOL), first)
    return f"{'.'.join(map(str, where))}: {what}" if where else what


def _placed(where: tuple[int | str, ...], first: Mapping[str, Any]) -> tuple[tuple[int | str, ...], str]:
    match first["type"]:
        case "union_tag_not_found":
            return (*where, _discriminator(first)), "Field required"
        case "union_tag_invalid":
            return where, _unexpected_tag(first)
        case "model_type" | "model_attributes_type":
            return where, NO_OBJECT
        case "literal_error" if where[-1] == "role" and isinstance(first["input"], str):
            return where[:1], f'Unexpected role "{_quoted(first["input"])}". {ROLES}'
        case "too_short" if where == ("messages",):
            return where, "at least one message is required"
        case _:
            return where, first["msg"]


def _discriminator(first: Mapping[str, Any]) -> str:
    return str(first["ctx"]["discriminator"]).strip("'")


def _unexpected_tag(first: Mapping[str, Any]) -> str:
    """The real API names the tags that it expects in the order of the alphabet."""
    context = first["ctx"]
    expected = ", ".join(sorted(context["expected_tags"].split(", ")))
    tag = f"Input tag '{_quoted(context['tag'])}' found using {context['discriminator']}"
    return f"{tag} does not match any of the expected tags: {expected}"


def _quoted(tag: str) -> str:
    return tag if _WORD.fullmatch(tag) else "…"


def quoted_name(name: str) -> str:
    """A tool's name as an error may show it, which is read by others than who has sent it."""
    return name if _TOOL_NAME.fullmatch(name) else "…"
