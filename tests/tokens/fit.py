"""Fits the weights of `translator.tokens.families`: `python -m tests.tokens.fit` (needs scipy).

A quantile regression over the pieces of the corpus and of Claude Code's requests, on the condition that none of these
comes out too low as a whole; and a margin. What the corpus has nothing of counts a token a byte.
"""

import sys
from math import ceil
from textwrap import fill
from typing import Any, get_args

import numpy as np
from gateway.tokens.vocabulary import count_in
from scipy.optimize import linprog
from translator.tokens.counting import LETTERS_BY_LANGUAGE as LETTERS
from translator.tokens.counting import text_features
from translator.tokens.families import FAMILIES, Script, Vocabulary, Weights

from tests.tokens.corpus import everything
from tests.tokens.errors import DEAREST, MEASURED, TRUTH

QUANTILES = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Of which the one is taken that leaves the smallest error at p95."""
MARGIN = 1.01
LEAST_TOKEN, MOST = 0.9, 5.0
LEAST, LEAST_LETTER = -1.0, -3.0
"""A letter that tells a language stands for the whole word. Nothing makes the dearest cheaper than its vocabulary."""
SCRIPTS: tuple[Script, ...] = tuple(script for script in get_args(Script) if script != "other")


def fit(tokenizer: str, vocabulary: Vocabulary) -> Weights:
    """The weights for one tokenizer."""
    names = [name for name, pieces in everything().items() for _ in pieces]
    features = np.array([_row(text, vocabulary) for pieces in everything().values() for text in pieces])
    truth = np.array([tokens for name in everything() for tokens in TRUTH[tokenizer][name]], float)
    whole = np.array([[name == each for name in names] for each in everything()], float)
    least = (0.0, 0.0) if tokenizer == DEAREST else (LEAST, LEAST_LETTER)
    fits = []
    for quantile in QUANTILES:
        weights = MARGIN * _regression(features, truth, whole, quantile, least=least)
        fits.append((np.quantile(whole @ features @ weights / (whole @ truth), 0.95), tuple(weights)))
    rounded = [ceil(weight * 100) / 100 for weight in min(fits)[1]]
    scripts: dict[Script, float] = dict(zip(SCRIPTS, rounded[-len(SCRIPTS) :], strict=True))
    token, digit, joined, line, indent, gap = rounded[: -len(SCRIPTS)]
    return Weights(token, digit, joined, line, indent, gap, {**scripts, "other": 1.0})


def _row(text: str, vocabulary: Vocabulary) -> list[float]:
    features = text_features(text, count_in(vocabulary, text))
    return [*map(float, features[:-1]), *(float(features.scripts[script]) for script in SCRIPTS)]


def _regression(features: Any, truth: Any, whole: Any, quantile: float, *, least: tuple[float, float]) -> Any:
    of_a_character, of_a_letter = least
    rows, columns = features.shape
    importance = 1 / np.maximum(truth, 20)
    solved = linprog(
        np.concatenate([np.zeros(columns), quantile * importance, (1 - quantile) * importance]),
        A_eq=np.hstack([features, np.eye(rows), -np.eye(rows)]),
        b_eq=truth,
        A_ub=np.hstack([-(whole @ features), np.zeros((len(whole), 2 * rows))]),
        b_ub=-(whole @ truth),
        bounds=[
            (LEAST_TOKEN, None),
            *[(of_a_character, MOST)] * (columns - 1 - len(SCRIPTS)),
            *((of_a_letter if script in LETTERS else of_a_character, MOST) for script in SCRIPTS),
            *[(0, None)] * (2 * rows),
        ],
    )
    return solved.x[:columns]


if __name__ == "__main__":
    for each in MEASURED:
        vocabulary, weights = FAMILIES[each.family]
        if weights is None:
            continue
        fitted = fit(each.tokenizer, vocabulary)
        scripts = ", ".join(f'"{script}": {weight}' for script, weight in fitted.scripts.items() if weight)
        plain = ", ".join(f"{name}={weight}" for name, weight in fitted._asdict().items() if name != "scripts")
        lines = fill(f"{plain}, scripts={{{scripts}}},", 112, initial_indent=" " * 8, subsequent_indent=" " * 8)
        sys.stdout.write(f'    "{each.family}": Basis("{vocabulary}", Weights(\n{lines}\n    )),\n')
