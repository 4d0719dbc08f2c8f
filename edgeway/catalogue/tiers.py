"""Chooses which of a provider's models answer for the names opus, sonnet and haiku. Pure.

Makers' tiers are chosen by hand in `gateway.routing.provider_table`; these are for everybody else.
"""

import re
from collections.abc import Sequence

from gateway.routing.model_facts import stem

from edgeway.catalogue.source import Model

LEAST_CONTEXT = 64_000
"""Claude Code's own instructions and tools take about 20 000 tokens."""

_OF_ANOTHER_TRADE = re.compile(
    r"voxtral|speech|audio|guard|moderation|\bocr\b|translat|\bmt\b|image|embed|rerank", re.IGNORECASE
)
"""In the id or family of a model that may take text and tools, though it is made to hear, to draw or to judge."""

_OPEN = ("glm-5-2", "kimi-k3", "deepseek-v4-pro", "minimax-m3", "qwen3-8-max", "gpt-oss-120b")
PREFERRED = {
    "opus": ("claude-opus-5", "claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "gpt-5", *_OPEN),
    "sonnet": ("claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5", "gpt-5-mini", *_OPEN),
    "haiku": ("claude-haiku-4-5", "gpt-5-nano", "deepseek-v4-flash", "minimax-m2-5", "gpt-oss-20b", "gpt-oss-120b"),
}
"""Stems that many providers serve, the best first."""


def tiers(models: Sequence[Model]) -> tuple[str, str, str]:
    """The ids for opus, sonnet and haiku among one provider's models; empty where none can call tools."""
    able = sorted(filter(_able, models), key=lambda model: (_price(model), model.id))
    if not able:
        return "", "", ""
    by_stem = {stem(model.id): model.id for model in able}
    dearest, cheapest = able[-1].id, able[0].id
    return (
        _first("opus", by_stem, dearest),
        _first("sonnet", by_stem, dearest),
        _first("haiku", by_stem, cheapest),
    )


def _first(tier: str, by_stem: dict[str, str], otherwise: str) -> str:
    return next((by_stem[name] for name in PREFERRED[tier] if name in by_stem), otherwise)


def _able(model: Model) -> bool:
    is_for_chat = "tool_call" in model.capabilities and not _OF_ANOTHER_TRADE.search(f"{model.id} {model.family or ''}")
    return is_for_chat and model.limits.context >= LEAST_CONTEXT and model.status is None


def _price(model: Model) -> float:
    return model.cost[0].output if model.cost else 0.0
