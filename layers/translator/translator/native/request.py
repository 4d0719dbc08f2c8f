"""The caller's request for an upstream of the same API: its bytes, with the smallest edits."""

import json
from typing import NamedTuple

from translator.json_members import Edit, JsonObject, edited
from translator.native.history import mended

LEAST_THINKING = 1024
"""Tokens. The API refuses a smaller budget, and one that leaves no room for an answer."""


class Passed(NamedTuple):
    """A request that goes through."""

    body: bytes
    dropped: tuple[str, ...]


def passed_request(document: JsonObject, *, model: str, most_tokens: int | None = None) -> Passed:
    """The request for this model. What caches hold the prompt by stays as it is, to the byte.

    An answer may have `most_tokens`; where the caller wants more, that is lowered, and thinking with it.
    """
    edits, dropped = mended(document, is_claude="claude" in model.lower())
    if document.members.get("model") != model:
        edits.append(Edit(document.spans["model"], json.dumps(model)))
    shorter = _shorter(document, most_tokens)
    edits += [Edit(document.spans[name], json.dumps(value)) for name, value in shorter.items()]
    return Passed(edited(document.text, edits).encode(), (*dropped, *shorter))


def _shorter(document: JsonObject, most_tokens: int | None) -> dict[str, object]:
    """The members that are to change for an answer of no more than so many tokens."""
    wanted, thinking = document.members.get("max_tokens"), document.members.get("thinking")
    if most_tokens is None or not isinstance(wanted, int) or wanted <= most_tokens:
        return {}
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if not isinstance(thinking, dict) or not isinstance(budget, int) or budget < most_tokens:
        return {"max_tokens": most_tokens}
    less = {**thinking, "budget_tokens": most_tokens - 1} if most_tokens > LEAST_THINKING else {"type": "disabled"}
    return {"max_tokens": most_tokens, "thinking": less}
