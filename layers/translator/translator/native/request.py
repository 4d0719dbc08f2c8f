"""The caller's request for an upstream of the same API: its bytes, with the smallest edits."""

import json
from collections.abc import Collection
from typing import NamedTuple

from translator.anthropic.errors import ApiError
from translator.native.history import mended
from translator.native.json_members import Edit, JsonObject, edited
from translator.native.unsupported import removals


class Passed(NamedTuple):
    """A request that passes through."""

    body: bytes
    dropped: tuple[str, ...]


def passed_request(
    document: JsonObject, *, model: str, most_tokens: int | None = None, without: Collection[str] = ()
) -> Passed:
    """Return the request for this model. Everything before a cache marker stays the same, to the byte.

    The fields of `without` are removed. The answer may have `most_tokens` (None: no limit); a higher limit of the
    caller is lowered. Raises `billing_error` where the thinking budget leaves no room.
    """
    edits, dropped = mended(document, is_claude="claude" in model.lower())
    if document.members.get("model") != model:
        edits.append(Edit(document.spans["model"], json.dumps(model)))
    wanted = document.members.get("max_tokens")
    if most_tokens is not None and isinstance(wanted, int) and wanted > most_tokens:
        _leave_room_to_think(document, most_tokens)
        edits.append(Edit(document.spans["max_tokens"], str(most_tokens)))
        dropped = (*dropped, "max_tokens")
    # An edit within what is taken out would overlap it; only fields are, in which nothing is edited.
    edits += removals(document, without)
    return Passed(edited(document.text, edits).encode(), dropped)


def _leave_room_to_think(document: JsonObject, most_tokens: int) -> None:
    thinking = document.members.get("thinking")
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    if isinstance(budget, int) and budget >= most_tokens:
        message = f"this key's budget is left for {most_tokens} tokens: ask for less than {most_tokens} of thinking"
        raise ApiError("billing_error", message, retry=False)
