"""What a caller asks for that changes the price of every token: fast mode, a place, a tier. Pure.

The price list is platform.claude.com/docs/en/build-with-claude/fast-mode and …/data-residency, and
openai.com/api-fast-mode (November 2026).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.routing.model_facts import Prices, stem
from gateway.routing.resolve import Candidate

_PER_TOKEN = ("input", "output", "cache_read", "cache_write", "reasoning", "cache_write_1h")
_ORDINARY = 100
_ONE_COUNTRY = 110
"""Percent of the ordinary price where an answer has to be made in one country."""
_FAST = ((re.compile(r"claude-opus-4-[67]"), 600), (re.compile(r"claude"), 200))
"""The same of Claude's fast mode, by the model; the first that fits."""
_PRIORITY = ((re.compile(r"gpt-5-5"), 250), (re.compile(r""), 200))
"""The same of OpenAI's faster tier."""
_PRIORITY_TIERS = ("priority", "fast")


def on_terms(candidate: Candidate, asked: Mapping[str, Any], *, is_native: bool) -> Candidate:
    """The candidate at the prices of what the body of the request asks for; itself where those are the ordinary ones.

    `is_native`: it gets the body as it is. Bedrock has neither fast mode nor places.
    """
    percent = _of_claude(candidate, asked) if is_native else _of_others(candidate, asked)
    if percent == _ORDINARY or candidate.facts is None:
        return candidate
    prices = tuple(_dearer(each, percent) for each in candidate.prices)
    return replace(candidate, facts=replace(candidate.facts, prices=prices))


def _of_claude(candidate: Candidate, asked: Mapping[str, Any]) -> int:
    if "claude" not in candidate.model or candidate.provider.provider.ids is not None:
        return _ORDINARY
    percent = _first(_FAST, candidate.model) if asked.get("speed") == "fast" else _ORDINARY
    return percent if asked.get("inference_geo") in (None, "global") else percent * _ONE_COUNTRY // 100


def _of_others(candidate: Candidate, asked: Mapping[str, Any]) -> int:
    is_sent = "service_tier" in candidate.traits.fields and asked.get("service_tier") in _PRIORITY_TIERS
    return _first(_PRIORITY, candidate.model) if is_sent else _ORDINARY


def _first(percents: tuple[tuple[re.Pattern[str], int], ...], model: str) -> int:
    return next((percent for pattern, percent in percents if pattern.match(stem(model))), _ORDINARY)


def _dearer(prices: Prices, percent: int) -> Prices:
    told = {name: getattr(prices, name) for name in _PER_TOKEN}
    return replace(prices, **{name: -(-price * percent // 100) for name, price in told.items() if price is not None})
