"""Reads what routes need from a request: its roles, what a model must be able to do, its length. Pure.

Nothing is refused here: what is not as it should be tells nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.routing.model_facts import Capability, stem
from gateway.routing.route_rules import Role

_BYTES_PER_TOKEN = 4
_TOKENS_OF_MEDIA = 1_500
_MEDIA: Mapping[str, Capability] = {"image": "images", "document": "pdf"}
_RUN_BY_CLIENTS = ("custom", "function", "bash_", "text_editor_", "computer_", "memory_")
"""How the types of tools begin that no upstream runs."""
_THINKING = frozenset({"enabled", "adaptive"})


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """The facts of one request."""

    model: str
    roles: frozenset[Role]
    """All roles but `long_context`, which depends on the rule."""
    needs: frozenset[Capability]
    tokens: int
    """An estimate of the prompt's tokens."""
    max_tokens: int
    session: str | None


def request_facts(
    members: Mapping[str, Any], *, model: str, length: int, is_sub_agent: bool, session: str | None
) -> RequestFacts:
    """Return the facts of the request with these members. `length` is the number of its characters."""
    roles: set[Role] = set()
    needs: set[Capability] = set()
    media = 0
    for block in _blocks(members.get("messages")):
        if (capability := _MEDIA.get(str(block.get("type")))) is not None and "data" in _object(block.get("source")):
            needs.add(capability)
            length -= len(str(_object(block.get("source"))["data"]))
            media += 1
    tools = [tool for tool in _list(members.get("tools")) if isinstance(tool, dict)]
    if tools:
        needs.add("tools")
    if "images" in needs:
        roles.add("images")
    if any(str(tool.get("type", "")).startswith("web_search") for tool in tools):
        roles.add("web_search")
    if _object(members.get("thinking")).get("type") in _THINKING:
        roles.add("thinking")
        needs.add("reasoning")
    if is_sub_agent:
        roles.add("sub_agent")
    if "haiku" in stem(model).split("-"):
        roles.add("background")
    if not roles & {"sub_agent", "background"}:
        roles.add("main")
    tokens = max(0, length) // _BYTES_PER_TOKEN + media * _TOKENS_OF_MEDIA
    most = members.get("max_tokens")
    return RequestFacts(
        model, frozenset(roles), frozenset(needs), tokens, most if type(most) is int and most > 0 else 0, session
    )


def is_repeatable(members: Mapping[str, Any]) -> bool:
    """Whether two upstreams may work on the request at once: neither runs tools, or keeps a state, by itself."""
    tools = [tool for tool in _list(members.get("tools")) if isinstance(tool, dict)]
    is_run_here = all(str(tool.get("type") or "custom").startswith(_RUN_BY_CLIENTS) for tool in tools)
    return is_run_here and not members.get("mcp_servers") and not members.get("container")


def _blocks(messages: object) -> Iterator[Mapping[str, Any]]:
    """Return every content block, also those inside tool results."""
    left = [_object(message).get("content") for message in _list(messages)]
    while left:
        for block in _list(left.pop()):
            if isinstance(block, dict):
                yield block
                left.append(block.get("content"))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
