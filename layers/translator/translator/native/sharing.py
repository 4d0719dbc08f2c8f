"""Refuses what a request may not ask of an account that all keys of the gateway share."""

import re
from collections.abc import Iterator
from typing import Any

from translator.anthropic.errors import invalid_request
from translator.anthropic.request import thread_not_found
from translator.native.json_members import JsonObject

_MAY_NAME_A_FILE = re.compile(r'"file"|"container_upload"|\\u00[2-7]')
"""In the text of a request that refers to a file, however its letters are written."""
_SOMEBODYS_OWN = "belongs to the account that all keys of this gateway share, so that any key could read another's"


def refuse_what_is_anothers(document: JsonObject) -> None:
    """Raise `ApiError` for a container, a file or a thread that the upstream keeps: it may be another caller's."""
    members = document.members
    container, thread = members.get("container"), members.get("thread")
    if isinstance(container, str) or (isinstance(container, dict) and container.get("id") is not None):
        raise invalid_request(f"container: a container {_SOMEBODYS_OWN}")
    if isinstance(thread, dict) and thread.get("type") == "continue":
        raise thread_not_found()
    if _MAY_NAME_A_FILE.search(document.text) and any(map(_is_file, objects_in(members.get("messages")))):
        raise invalid_request(f"messages: a file {_SOMEBODYS_OWN}: send its content")


def models_inside(document: JsonObject) -> Iterator[str]:
    """Return the other models that the request lets the upstream ask; `default` stands for any."""
    fallbacks = document.members.get("fallbacks")
    if isinstance(fallbacks, str):
        yield fallbacks
    offered = document.members.get("tools")
    added = (block.get("tool") for block in objects_in(document.members.get("messages")) if _is_addition(block))
    definitions = (tool.get("definition") for tool in added if isinstance(tool, dict))
    for named in (*_list(fallbacks), *_list(offered), *definitions):
        if isinstance(named, dict) and isinstance(named.get("model"), str):
            yield named["model"]


def _is_addition(block: dict[str, Any]) -> bool:
    return block.get("type") == "tool_addition"


def _is_file(value: dict[str, Any]) -> bool:
    source = value.get("source")
    return value.get("type") == "container_upload" or (isinstance(source, dict) and source.get("type") == "file")


def objects_in(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a conversation, but for what a tool is called with."""
    if isinstance(value, list):
        for item in value:
            yield from objects_in(item)
    elif isinstance(value, dict):
        yield value
        for name, member in value.items():
            if name != "input" and isinstance(member, (list, dict)):
                yield from objects_in(member)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
