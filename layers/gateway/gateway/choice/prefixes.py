"""Notices clients that break their own prefix, so that no prompt cache is ever hit, and says so in the log once.

A turn repeats what the session has sent before, and goes on. Where two requests in a row repeat nothing although
something like them was sent within the last minutes, the client changes its tools, its system prompt or its history
with every turn. Only digests are kept, and they are made while the upstream works.
"""

import asyncio
import marshal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from gateway.choice.cache_holders import WARM_SECONDS
from gateway.web.failures import never_failing
from gateway.web.summary import Log

AFTER_SECONDS = 0.05
"""By then the upstream is asked."""
MOST_SESSIONS = 512
MOST_CONVERSATIONS = 4
"""Of one session: the main one, the one for its title, those of tools."""
BREAKS = 2
"""In a row. One is a history that was summed up, or another conversation."""
_BILLING = "x-anthropic-billing-header:"
"""Begins a block of Claude Code's that upstreams do not read."""
_MARSHAL = 2
"""The version that writes equal values equally, whoever else holds them."""

Part = Literal["tools", "system", "messages"]


class Prompt(NamedTuple):
    """The digests of a request. They mean nothing in another process."""

    model: object
    tools: int
    system: int
    messages: tuple[int, ...]
    """One digest for each message, over all messages up to it."""


@dataclass(slots=True)
class _Conversation:
    """A conversation: its last prompt, and when that came."""

    prompt: Prompt
    at: float

    def goes_on_in(self, later: Prompt) -> bool:
        """Tell whether the later prompt repeats all of this one."""
        length = len(self.prompt.messages)
        return self.prompt[:3] == later[:3] and self.prompt.messages[-1:] == later.messages[:length][-1:]

    def is_like(self, later: Prompt) -> bool:
        """Tell whether the later prompt should repeat this one: both begin alike.

        They have the same first message, or the same tools and system prompt.
        """
        before = self.prompt
        same_start = before.messages[:1] == later.messages[:1]
        return before.model == later.model and (same_start or before[1:3] == later[1:3])


@dataclass(slots=True)
class _Session:
    conversations: list[_Conversation] = field(default_factory=list)
    """The newest one is last."""
    breaks: int = 0
    is_told: bool = False


class Prefixes:
    """The prompts of sessions. `clock` gives seconds."""

    def __init__(self, *, clock: Callable[[], float], log: Log) -> None:
        self._clock = clock
        self._log = never_failing(log)
        self._sessions: dict[str, _Session] = {}

    def note_soon(self, session: str, members: Mapping[str, Any]) -> None:
        """Note what a session sends, a moment later, so that nobody waits for it."""
        asyncio.get_running_loop().call_later(AFTER_SECONDS, self.note, session, members)

    def note(self, session: str, members: Mapping[str, Any]) -> None:
        """Note what a session sends. Log it where the client breaks its prefix."""
        try:
            prompt = prompt_of(members)
        except ValueError:  # nested deeper than can be written
            return
        known = self._sessions.pop(session, None) or _Session()
        self._sessions[session] = known
        if len(self._sessions) > MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        broken = self._broken(known, prompt)
        if broken is not None and known.breaks == BREAKS and not known.is_told:
            known.is_told = True
            self._log("client breaks its prefix", {"session": session, "model": prompt.model, "part": broken})

    def _broken(self, session: _Session, prompt: Prompt) -> Part | None:
        """Return the first part that differs from the earlier prompt.

        None: it is repeated, or no earlier prompt is like it.
        """
        now, known = self._clock(), session.conversations
        before = next((each for each in known if each.goes_on_in(prompt)), None)
        like = next((each for each in reversed(known) if each.is_like(prompt) and now - each.at < WARM_SECONDS), None)
        if before is not None:
            known.remove(before)
            session.breaks = 0
        elif like is not None:
            session.breaks += 1
        known.append(_Conversation(prompt, now))
        del known[:-MOST_CONVERSATIONS]
        return None if before is not None or like is None else _first_difference(like.prompt, prompt)


def prompt_of(members: Mapping[str, Any]) -> Prompt:
    """Return the digests of a request with these members. Raises `ValueError` where it is nested too deeply."""
    system = [each for each in _blocks(members.get("system")) if not str(each.get("text")).startswith(_BILLING)]
    tools = members.get("tools")
    messages = members.get("messages")
    digests = (_digest([message.get("role"), *_blocks(message.get("content"))]) for message in _objects(messages))
    return Prompt(
        members.get("model"),
        _digest([_unmarked(tool) for tool in _objects(tools)]),
        _digest(system),
        tuple(accumulate(digests, lambda before, digest: hash((before, digest)))),
    )


def _blocks(content: object) -> Iterator[Mapping[str, Any]]:
    """Return the blocks of a prompt, without thoughts, which clients leave out later, and without cache markers."""
    if isinstance(content, str):
        yield {"type": "text", "text": content}
    for block in _objects(content):
        if block.get("type") not in ("thinking", "redacted_thinking"):
            yield _unmarked(block)


def _unmarked(block: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a block without its cache marker, which moves on with the conversation."""
    if "cache_control" not in block:
        return block
    return {name: value for name, value in block.items() if name != "cache_control"}


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def _digest(value: list[Any]) -> int:
    return hash(marshal.dumps(value, _MARSHAL))


def _first_difference(before: Prompt, after: Prompt) -> Part:
    if before.tools != after.tools:
        return "tools"
    return "system" if before.system != after.system else "messages"
