"""Turns tokens into money, here alone. Pure."""

from collections.abc import Sequence

from translator.anthropic.events import Usage

from gateway.routing.model_facts import Prices

TOKENS_PER_PRICE = 1_000_000


def cost(usage: Usage, prices: Sequence[Prices]) -> int | None:
    """Integer micro-dollars, a part of one counted as a whole one; None where the model is unpriced.

    `prices` are by rising `above`: the last that the whole input exceeds holds for all of the request, as providers
    bill it. What is not priced apart costs as much as other input or output.
    """
    if not prices:
        return None
    whole_input = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
    tier = [each for each in prices if each.above < whole_input][-1:] or prices[:1]
    return -(-_numerator(usage, tier[0]) // TOKENS_PER_PRICE)


def _numerator(usage: Usage, prices: Prices) -> int:
    hour = min(usage.cache_creation_1h_input_tokens, usage.cache_creation_input_tokens)
    return (
        usage.input_tokens * prices.input
        + usage.cache_read_input_tokens * (prices.input if prices.cache_read is None else prices.cache_read)
        + (usage.cache_creation_input_tokens - hour)
        * (prices.input if prices.cache_write is None else prices.cache_write)
        + hour * prices.hour_write
        + usage.output_tokens * _output_price(usage, prices)
        + (prices.request + usage.web_search_requests * prices.web_search) * TOKENS_PER_PRICE
    )


def _output_price(usage: Usage, prices: Prices) -> int:
    """Where thinking is priced apart, all output of an answer that thinks costs that, as with Alibaba's Qwen models.

    Never less than other output: some providers state 0 for what they do not bill as a kind of its own.
    """
    if not usage.thinking_tokens or prices.reasoning is None:
        return prices.output
    return max(prices.output, prices.reasoning)
