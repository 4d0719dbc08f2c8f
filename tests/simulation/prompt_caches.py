"""Prompt caches as providers keep them: by prefix, for some minutes, in common for all requests of one account."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.money.pricing import cost
from gateway.routing.model_facts import Prices
from translator.anthropic.events import Usage

from tests.simulation.claude_code_day import Turn

SECONDS = 300.0
"""After which a prefix is forgotten that nobody has asked for again."""
LEAST_TOKENS = 1_024
"""A shorter prefix is not kept."""
SHARED = 4
"""Boundaries at the beginning that other conversations may have too; of the rest the end of each request is kept."""


@dataclass(slots=True)
class PromptCache:
    """One account's at one provider."""

    prices: Prices
    _until: dict[int, float] = field(default_factory=dict)
    """By the digest of a prefix: when it is forgotten."""

    def answer(self, turn: Turn) -> Usage:
        """What the provider counts for a request; its prompt is in the cache afterwards."""
        prompt = turn.prompt
        boundaries = turn.conversation[: turn.length]
        read = 0
        if self.prices.cache_read is not None:
            for digest, tokens in reversed(boundaries):
                if tokens >= LEAST_TOKENS and self._until.get(digest, 0.0) > turn.at:
                    read = tokens
                    break
            for digest, tokens in (*boundaries[:SHARED], boundaries[-1]):
                if tokens >= LEAST_TOKENS:
                    self._until[digest] = turn.at + SECONDS
        rest = prompt - read
        is_written = bool(self.prices.cache_write) and prompt >= LEAST_TOKENS
        return Usage(
            input_tokens=0 if is_written else rest,
            cache_creation_input_tokens=rest if is_written else 0,
            cache_read_input_tokens=read,
            output_tokens=turn.answer,
        )

    def price(self, usage: Usage) -> int:
        """Micro-dollars."""
        return cost(usage, (self.prices,)) or 0
