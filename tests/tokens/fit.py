"""Fits `translator.token_weights` to the families' own tokenizers: `python -m tests.tokens.fit` (needs scipy).

A quantile regression over the pieces of the corpus, then a factor, so that no document comes out too low, and a margin.
"""

import sys
from math import ceil
from textwrap import fill
from typing import Any

import numpy as np
from gateway.vocabulary import count_o200k
from scipy.optimize import linprog
from translator.token_weights import Weights
from translator.tokens import text_features

from tests.tokens.corpus import documents
from tests.tokens.errors import MEASURED, TRUTH

QUANTILES = (0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.95)
"""Of which the one is taken that leaves the smallest error at p95."""
MARGIN = 1.01
LEAST_TOKEN, MOST = 0.9, 4.0
LEAST = -0.6
"""For what a family knows better than o200k_base; neither digits nor capitals make a text cheaper."""


def fit(tokenizer: str) -> Weights:
    """The weights for one tokenizer."""
    names = [(name, index) for name, pieces in documents().items() for index in range(len(pieces))]
    texts = [text for pieces in documents().values() for text in pieces]
    features = np.array([text_features(text, count_o200k(text)) for text in texts])
    truth = np.array([TRUTH[f"{tokenizer}/pieces"][f"{name}/{index}"] for name, index in names], float)
    whole = np.array([[name == each for name, _ in names] for each in documents()], float)
    fits = []
    for quantile in QUANTILES:
        weights = _regression(features, truth, quantile)
        estimated, true = whole @ features @ weights, whole @ truth
        weights *= max(true / estimated) * MARGIN
        fits.append((np.quantile(whole @ features @ weights / true, 0.95), tuple(weights)))
    return Weights(*(ceil(weight * 100) / 100 for weight in min(fits)[1]))


def _regression(features: Any, truth: Any, quantile: float) -> Any:
    rows, columns = features.shape
    importance = 1 / np.maximum(truth, 20)
    solved = linprog(
        np.concatenate([np.zeros(columns), quantile * importance, (1 - quantile) * importance]),
        A_eq=np.hstack([features, np.eye(rows), -np.eye(rows)]),
        b_eq=truth,
        bounds=[
            (LEAST_TOKEN, None),
            *((LEAST if name not in ("digit", "capital") else 0, MOST) for name in Weights._fields[1:]),
            *[(0, None)] * (2 * rows),
        ],
    )
    return solved.x[:columns]


if __name__ == "__main__":
    for each in MEASURED[1:]:
        fitted = fit(each.tokenizer)
        fields = ", ".join(f"{name}={value}" for name, value in fitted._asdict().items() if value)
        lines = fill(fields, 112, initial_indent=" " * 8, subsequent_indent=" " * 8)
        sys.stdout.write(f'    "{each.family}": Weights(\n{lines},\n    ),\n')
