"""The caller's request for an upstream of the same API: its bytes, with the smallest edits."""

import json
from typing import NamedTuple

from translator.json_members import Edit, JsonObject, edited


class Passed(NamedTuple):
    """A request that goes through."""

    body: bytes
    dropped: tuple[str, ...]


def passed_request(document: JsonObject, *, model: str) -> Passed:
    """The request for this model. What caches hold the prompt by stays as it is, to the byte."""
    edits = []
    if document.members.get("model") != model:
        edits.append(Edit(document.spans["model"], json.dumps(model)))
    return Passed(edited(document.text, edits).encode(), ())
