"""A day of Claude Code sessions: the requests have the sizes that were recorded, how sessions go on is drawn by seed.

Recorded of Claude Code 2.1.330 are a main request's tools, system prompt and first messages, the request for a title
and the one for a web search (tests/vectors/claude_code has them, cut short). Drawn are how many turns a session has,
how much its tools say, when the person reads, and how many sub-agents work.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

SESSIONS = 20
DAY = 9 * 3600.0
_CHARACTERS_PER_TOKEN = 4
_TOOLS, _SYSTEM, _REMINDER, _FIRST = 31_329, 7_064, 9_184, 645
"""Characters of a main request's parts. All sessions have the first three in common."""
_AGENT_TOOLS, _AGENT_SYSTEM = 21_000, 4_000
"""Of a sub-agent: the tools without those for a person, and a shorter system prompt. Not recorded."""
_TITLE, _SEARCH = 3_268 + 242, 70 + 368 + 91
"""Requests beside the conversation, whole."""
_COMPACTED_AT, _COMPACTED_TO = 160_000, 12_000
"""Tokens at which Claude Code sums a conversation up, and of the sum."""

Boundary = tuple[int, int]
"""Where a prompt may be cut: the digest of all before, and its tokens."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One request. Its prompt is the first `length` boundaries of its conversation."""

    at: float
    session: str
    """The pseudonym that Edgeway makes of the session and the agent."""
    conversation: list[Boundary]
    length: int
    answer: int

    @property
    def prompt(self) -> int:
        """Its tokens."""
        return self.conversation[self.length - 1][1]


@dataclass(slots=True)
class _Conversation:
    """A prompt that grows."""

    session: str
    boundaries: list[Boundary] = field(default_factory=list)

    def add(self, tokens: int, content: object) -> None:
        digest, before = self.boundaries[-1] if self.boundaries else (0, 0)
        self.boundaries.append((hash((digest, content)), before + tokens))

    def turn(self, at: float, answer: int) -> Turn:
        return Turn(at, self.session, self.boundaries, len(self.boundaries), answer)


def day(random: Random) -> list[Turn]:
    """The requests of all sessions, in their order."""
    turns = [turn for number in range(SESSIONS) for turn in _session(random, number)]
    return sorted(turns, key=lambda turn: turn.at)


def _session(random: Random, number: int) -> Iterator[Turn]:
    at = random.uniform(0, DAY)
    yield _alone(at, f"{number}", _TITLE, random.randint(10, 40), random.random())
    main = _begun(f"{number}", random, (_TOOLS, _SYSTEM, _REMINDER))
    for turn in range(random.randint(20, 120)):
        answer = random.randint(100, 1_500)
        yield main.turn(at, answer)
        if random.random() < 0.04:
            for agent in range(random.randint(1, 3)):
                yield from _sub_agent(random, at + 5, f"{number}/{turn}/{agent}")
            at += 120
        elif random.random() < 0.05:
            yield _alone(at + 4, f"{number}", _SEARCH, random.randint(200, 900), random.random())
        _go_on(main, random, answer)
        at += random.uniform(5, 60) if random.random() < 0.93 else random.uniform(120, 1_500)


def _sub_agent(random: Random, at: float, session: str) -> Iterator[Turn]:
    agent = _begun(session, random, (_AGENT_TOOLS, _AGENT_SYSTEM))
    for _ in range(random.randint(4, 15)):
        answer = random.randint(80, 600)
        yield agent.turn(at, answer)
        _go_on(agent, random, answer)
        at += random.uniform(3, 15)


def _begun(session: str, random: Random, shared: tuple[int, ...]) -> _Conversation:
    """A new conversation: what all have in common, then what is its own."""
    conversation = _Conversation(session)
    for size in shared:
        conversation.add(size // _CHARACTERS_PER_TOKEN, size)
    conversation.add((_FIRST + random.randint(50, 4_000)) // _CHARACTERS_PER_TOKEN, random.random())
    return conversation


def _go_on(conversation: _Conversation, random: Random, answer: int) -> None:
    """The answer and what its tools have said, or the sum of it all."""
    if conversation.boundaries[-1][1] > _COMPACTED_AT:
        conversation.boundaries = conversation.boundaries[:3]
        conversation.add(_COMPACTED_TO, random.random())
    conversation.add(answer, random.random())
    conversation.add(random.randint(200, 4_000), random.random())


def _alone(at: float, session: str, characters: int, answer: int, content: float) -> Turn:
    """A request beside the conversation, which nothing follows."""
    conversation = _Conversation(session)
    conversation.add(characters // _CHARACTERS_PER_TOKEN, content)
    return conversation.turn(at, answer)
