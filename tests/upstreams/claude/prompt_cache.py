"""The prompt cache of Anthropic's API, as its documentation describes it: by prefix, up to marked blocks.

A prompt is read in the order tools, system, messages. A block with `cache_control` is a breakpoint: the prefix up to it
is kept, where it is long enough for the model. A request finds the longest kept prefix that ends at one of its
breakpoints or at one of the 19 blocks before it. Blocks are the same where their bytes are, but for `cache_control`.
(platform.claude.com/docs/en/build-with-claude/prompt-caching, November 2026.)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from tests.upstreams.claude.spans import items, members

MOST_BREAKPOINTS = 4
LOOK_BACK = 20
BYTES_PER_TOKEN = 4
SECONDS = {"5m": 300.0, "1h": 3600.0}
LEAST_TOKENS: Mapping[str, int] = {
    "claude-opus-4-1": 1024,
    "claude-opus-4-2": 1024,
    "claude-opus": 4096,
    "claude-haiku-4": 4096,
    "claude-haiku": 2048,
    "claude-3-5-haiku": 2048,
    "claude-3-haiku": 2048,
    "claude-sonnet-4-6": 2048,
}
"""The shortest prefix that is kept, by the beginning of the model's id; the first that fits. Of others: 1024 tokens."""
_OF_MESSAGES = ("tool_choice", "thinking", "output_config")
"""Fields of which a change spoils what is kept of the messages, and nothing before them."""


class RefusedCacheError(ValueError):
    """Breakpoints that the API refuses."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the prompt."""

    digest: str
    """Of itself, its place and all before it."""
    tokens: int
    ttl: str | None
    """None: no breakpoint."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a prompt costs, in tokens."""

    read: int
    written: Mapping[str, int]
    rest: int

    def usage(self) -> dict[str, Any]:
        """In the words of the API."""
        return {
            "input_tokens": self.rest,
            "cache_creation_input_tokens": sum(self.written.values()),
            "cache_read_input_tokens": self.read,
            "cache_creation": {f"ephemeral_{ttl}_input_tokens": self.written.get(ttl, 0) for ttl in SECONDS},
        }


@dataclass(slots=True)
class PromptCache:
    """What is kept for the accounts, each by its key."""

    _until: dict[tuple[str, str], float] = field(default_factory=dict)

    def count(self, account: str, text: str, now: float) -> Counted:
        """Read the body of a request, and keep what it marks. Raises `RefusedCacheError`."""
        body = members(text)
        blocks = list(prompt(body))
        marked = [position for position, block in enumerate(blocks) if block.ttl]
        _judge([blocks[position].ttl or "" for position in marked])
        least = least_tokens(json.loads(body["model"]))
        hit = max(
            (found for position in marked if (found := self._hit(account, blocks, position, now)) is not None),
            default=-1,
        )
        written: dict[str, int] = {}
        kept = hit
        for position in marked:
            ttl = blocks[position].ttl or ""
            if sum(block.tokens for block in blocks[: position + 1]) < least:
                continue
            if position > kept:
                written[ttl] = written.get(ttl, 0) + sum(block.tokens for block in blocks[kept + 1 : position + 1])
                kept = position
            self._until[account, blocks[position].digest] = now + SECONDS[ttl]
        if hit >= 0:
            until = self._until[account, blocks[hit].digest]
            self._until[account, blocks[hit].digest] = max(until, now + SECONDS["5m"])
        total = [block.tokens for block in blocks]
        return Counted(sum(total[: hit + 1]), written, sum(total[kept + 1 :]))

    def _hit(self, account: str, blocks: list[Block], marked: int, now: float) -> int | None:
        first = max(0, marked - LOOK_BACK + 1)
        before = range(marked, first - 1, -1)
        return next((each for each in before if self._until.get((account, blocks[each].digest), 0) > now), None)


def least_tokens(model: str) -> int:
    """The shortest prefix of this model that is kept."""
    return next((least for name, least in LEAST_TOKENS.items() if model.startswith(name)), 1024)


def prompt(body: Mapping[str, str]) -> Iterator[Block]:
    """The blocks of a request in their order, from the members of its body as they are written."""
    digest = sha256(body["model"].encode() + body.get("speed", "").encode())
    pieces = list(_pieces(body))
    automatic = body.get("cache_control", "null")
    last = max((at for at, (_, kind, _) in enumerate(pieces) if _may_be_marked(kind)), default=-1)
    for position, (place, kind, written) in enumerate(pieces):
        if place == "messages" and (position == 0 or pieces[position - 1][0] != "messages"):
            digest.update("".join(body.get(name, "") for name in _OF_MESSAGES).encode())
        own = {name: value for name, value in sorted(written.items()) if name != "cache_control"}
        said = json.dumps([place, own])
        digest.update(said.encode())
        control = written.get("cache_control", "null")
        if control == "null" and position == last:
            control = automatic
        elif control != "null" and not _may_be_marked(kind):
            raise RefusedCacheError(f"cache_control cannot be set for {kind} blocks")
        yield Block(digest.hexdigest(), len("".join(own.values())) // BYTES_PER_TOKEN + 1, _ttl(control))


def _pieces(body: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Where each block stands, its type, and its members as they are written."""
    for tool in items(body.get("tools", "[]")):
        yield "tools", "tool", members(tool)
    for block in _content(body.get("system", "[]")):
        yield "system", "text", block
    for message in items(body["messages"]):
        written = members(message)
        for block in _content(written["content"]):
            yield "messages", json.loads(block["type"]), {**block, "role": written["role"]}


def _content(text: str) -> Iterator[dict[str, str]]:
    """Blocks; a plain text is one."""
    if text.startswith('"'):
        yield {"type": '"text"', "text": text}
    else:
        yield from map(members, items(text))


def _may_be_marked(kind: str) -> bool:
    return kind not in ("thinking", "redacted_thinking")


def _ttl(control: str) -> str | None:
    told = json.loads(control)
    return told.get("ttl") or "5m" if told else None


def _judge(ttls: list[str]) -> None:
    if len(ttls) > MOST_BREAKPOINTS:
        raise RefusedCacheError(f"A maximum of 4 blocks with cache_control may be provided. Found {len(ttls)}.")
    if ttls != sorted(ttls):
        raise RefusedCacheError("a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block")
