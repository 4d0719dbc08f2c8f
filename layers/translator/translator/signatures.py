"""The signatures of our own thinking blocks: a namespace, and what the upstream wants back and the block does not show.

Clients echo a signature as it is, so what an upstream wants back on the next turn travels in it, without a session.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from translator.reasoning_details import Detail, text_of

PREFIX = "ew1."


def seal(hidden: str | None, details: Sequence[Detail] = ()) -> str:
    """The signature of a thinking block; `hidden` is its text where the block itself shows none.

    `details` are the upstream's own form of it, which holds the text too.
    """
    if details:
        return PREFIX + "details." + _pack(json.dumps(details, separators=(",", ":")))
    if hidden is None:
        return PREFIX + "shown"
    return PREFIX + "hidden." + _pack(hidden)


def unseal(thinking: str, signature: str) -> str | None:
    """The thinking text of a block of ours; None where somebody else has signed it."""
    if not signature.startswith(PREFIX):
        return None
    state, _, payload = signature.removeprefix(PREFIX).partition(".")
    if state == "details":
        return thinking or text_of(unseal_details(signature))
    return _unpack(payload) if state == "hidden" else thinking


def unseal_details(signature: str) -> list[Detail]:
    """The details in a signature of ours; none where there are none."""
    packed = signature.removeprefix(PREFIX + "details.")
    if packed == signature:
        return []
    try:
        details = json.loads(_unpack(packed) or "")
    except (ValueError, RecursionError):
        return []
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _pack(text: str) -> str:
    return urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def _unpack(payload: str) -> str | None:
    try:
        return urlsafe_b64decode(payload).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
