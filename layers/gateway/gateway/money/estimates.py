"""Estimates the most that an answer can cost, and how long an answer some money buys. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from translator.tokens.context_window import PromptTokens

from gateway.money.pricing import TOKENS_PER_PRICE
from gateway.routing.model_facts import Prices

MOST_OUTPUT_RESERVED = 32_000
"""Tokens. Callers ask for the longest answer that a model gives, and get a hundredth of it."""
LEAST_OUTPUT = 1_024
"""Tokens. An answer that budgets would cut shorter is refused, unless a shorter one was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The most that a call can use, in tokens, and how many seconds it can take."""

    input_tokens: PromptTokens
    max_tokens: int
    seconds: float
    unseen_tokens: int = 0
    """Those of the prompt that its bytes do not tell."""

    def cost(self, prices: Sequence[Prices]) -> int:
        """Integer micro-dollars, at the dearest prices that may come to hold; 0 for a model that costs nothing."""
        output = min(self.max_tokens, MOST_OUTPUT_RESERVED)
        searches = _dearest(prices, lambda each: each.web_search)
        return max(
            min(1, searches), -(-(self._before_output(prices) + output * _dearest(prices, _output)) // TOKENS_PER_PRICE)
        )

    def shortened(self, prices: Sequence[Prices], micro_dollars: int) -> "Estimate | None":
        """The same with the longest answer that so much money buys; None where that is too short to be of use."""
        left = micro_dollars * TOKENS_PER_PRICE - self._before_output(prices)
        tokens = left // max(1, _dearest(prices, _output))
        if tokens < min(self.max_tokens, LEAST_OUTPUT):
            return None
        return replace(self, max_tokens=min(tokens, self.max_tokens))

    def _before_output(self, prices: Sequence[Prices]) -> int:
        return (self.input_tokens.guessed_most + self.unseen_tokens) * _dearest(prices, _input) + max(
            each.request for each in prices
        ) * TOKENS_PER_PRICE


def _dearest(prices: Sequence[Prices], price: Callable[[Prices], int]) -> int:
    return max(map(price, prices))


def _input(prices: Prices) -> int:
    return max(prices.input, prices.cache_read or 0, prices.cache_write or 0, prices.hour_write)


def _output(prices: Prices) -> int:
    return max(prices.output, prices.reasoning or 0)
