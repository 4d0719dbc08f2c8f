"""How far our counts are from the truth: truth.json, counted by each family's own tokenizer (truth.cjs)."""

import json
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from gateway.vocabulary import count_o200k
from translator.token_weights import Family
from translator.tokens import counting

from tests.tokens.corpus import documents

TRUTH: dict[str, dict[str, int]] = json.loads((Path(__file__).parent / "truth.json").read_text("utf-8"))
"""Tokens of each document, by tokenizer."""


class Measured(NamedTuple):
    """Whose tokenizer, and a model by whose id its family is told."""

    tokenizer: str
    family: Family
    model: str
    shown: str


MEASURED = (
    Measured("o200k_base", "openai", "gpt-5", "OpenAI, o200k_base"),
    Measured("deepseek_v3", "deepseek", "deepseek-v3", "DeepSeek V3"),
    Measured("qwen3", "qwen", "qwen3-32b", "Qwen 3"),
    Measured("llama3", "llama", "llama-3-70b", "Llama 3"),
    Measured("mistral_nemo", "mistral", "mistral-nemo", "Mistral Nemo (Tekken)"),
    Measured("gemma3", "google", "gemini-2.5-pro", "Gemma 3, as far as is known Gemini's too"),
    Measured("command_r_plus", "cohere", "command-r-plus", "Command R+"),
    Measured("claude", "claude", "claude-2", "Claude 2, the last that was published"),
)


@cache
def overestimates(measured: Measured) -> dict[str, float]:
    """By how much each document is counted too high, as a share of the truth; below nothing is too low."""
    count = counting(measured.model, count_o200k)
    truth = TRUTH[measured.tokenizer]
    return {name: sum(map(count, pieces)) / truth[name] - 1 for name, pieces in documents().items()}


def p95(measured: Measured) -> float:
    """What 95 of 100 documents stay below."""
    return quantiles(overestimates(measured).values(), n=100, method="inclusive")[94]


def table() -> str:
    """Markdown, a row for each family."""
    rows = ["| tokenizer | too high by, median | p95 | most | least |", "|---|---|---|---|---|"]
    for each in MEASURED:
        errors = overestimates(each)
        highest, lowest = max(errors, key=errors.__getitem__), min(errors, key=errors.__getitem__)
        rows.append(
            f"| {each.shown} | {median(errors.values()):.1%} | {p95(each):.1%} "
            f"| {errors[highest]:.1%} ({highest}) | {errors[lowest]:.1%} ({lowest}) |"
        )
    return "\n".join(rows) + "\n"
