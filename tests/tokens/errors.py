"""How far our counts are from the truth: truth.json, counted by each family's own tokenizer (truth.cjs)."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from gateway.tokens.vocabulary import count_in
from translator.tokens.counting import counting
from translator.tokens.families import Family

from edgeway.docs.charts import curve_chart
from tests.tokens.corpus import everything

TRUTH: dict[str, dict[str, list[int]]] = json.loads((Path(__file__).parent / "truth.json").read_text("utf-8"))
"""Tokens of each piece of each document and request, by tokenizer."""
DEAREST = "dearest"
TRUTH[DEAREST] = {
    name: [max(of_a_piece) for of_a_piece in zip(*(truth[name] for truth in TRUTH.values()), strict=True)]
    for name in everything()
}
"""What a model may count of which nothing is known: in each piece the tokenizer that counts most of it."""


class Measured(NamedTuple):
    """Whose tokenizer, and a model by whose id its family is told."""

    tokenizer: str
    family: Family
    model: str
    shown: str


MEASURED = (
    Measured("o200k_base", "openai", "gpt-5", "OpenAI, o200k_base"),
    Measured("claude_2", "claude", "claude-2", "Claude 2, the last that was published"),
    Measured("gemma_3", "google", "gemini-2.5-pro", "Gemma 3 and Gemini"),
    Measured("deepseek_v3", "deepseek", "deepseek-v3", "DeepSeek V3"),
    Measured("qwen_3", "qwen", "qwen3-32b", "Qwen 3"),
    Measured("tekken", "mistral", "mistral-nemo", "Mistral, Tekken"),
    Measured("llama_3", "llama", "llama-3-70b", "Llama 3, with weights on Qwen 3"),
    Measured("command_r_plus", "cohere", "command-r-plus", "Command R+, with weights on DeepSeek V3"),
    Measured(DEAREST, "unknown", "unheard-of", "the dearest of all eight, with weights on Claude 2"),
)


@cache
def overestimates(measured: Measured) -> dict[str, float]:
    """By how much each document or request is counted too high, as a share of the truth; below nothing is too low."""
    counted = counting(measured.model, count_in)
    truth = TRUTH[measured.tokenizer]
    return {name: sum(map(counted, pieces)) / sum(truth[name]) - 1 for name, pieces in everything().items()}


def p95(measured: Measured) -> float:
    """What 95 of 100 documents and requests stay below."""
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


def at(values: Sequence[float], share: float) -> float:
    """The value that this share of the sorted values does not exceed."""
    return values[round(share * (len(values) - 1))]


def picture() -> str:
    """SVG: how far the families are off that are not counted exactly, document for document, the worst last."""
    shares = range(0, 101, 5)
    curves = {
        each.shown: [100 * at(sorted(overestimates(each).values()), share / 100) for share in shares]
        for each in MEASURED
        if p95(each) > 0
    }
    return curve_chart(
        "Counted too high by, %, over the share of documents, %", [str(share) for share in shares], curves
    )
