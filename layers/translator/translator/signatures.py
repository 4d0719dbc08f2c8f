"""Reads and writes the signatures of our own thinking blocks, which carry what the upstream wants back.

Clients echo a signature as it is, so what an upstream wants back on the next turn travels in it, without a session.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import NamedTuple

from translator.reasoning_details import Detail, text_of

PREFIX = "ew1."
_ENCRYPTED = "encrypted"


class EncryptedReasoning(NamedTuple):
    """What an upstream wants back of its reasoning, and can read only itself."""

    scope: str
    """Where it was made: nobody else can read it."""
    content: str


def seal(hidden: str | None, details: Sequence[Detail] = ()) -> str:
    """The signature of a thinking block; `hidden` is its text where the block itself shows none.

    `details` are the upstream's own form of it, which holds the text too.
    """
    if details:
        return PREFIX + "details." + _pack(json.dumps(details, separators=(",", ":")))
    if hidden is None:
        return PREFIX + "shown"
    return PREFIX + "hidden." + _pack(hidden)


def seal_encrypted(reasoning: EncryptedReasoning) -> str:
    """The signature of a block of encrypted reasoning, which is large and ASCII, and so stands in it as it came."""
    content = reasoning.content
    is_plain = content.isascii() and content.isprintable()
    head = _pack(json.dumps({"v": 1, "s": reasoning.scope, "b": int(not is_plain)}, separators=(",", ":")))
    return f"{PREFIX}{_ENCRYPTED}.{head}.{content if is_plain else _pack(content)}"


def unseal_encrypted(signature: str) -> EncryptedReasoning | None:
    """The encrypted reasoning in a signature of ours; None where there is none that can be understood."""
    sealed = signature.removeprefix(f"{PREFIX}{_ENCRYPTED}.")
    packed, _, content = sealed.partition(".")
    if sealed == signature or not content:
        return None
    try:
        head = json.loads(_unpack(packed) or "")
    except (ValueError, RecursionError):
        return None
    match head:
        case {"v": 1, "s": str(scope), "b": 0}:
            return EncryptedReasoning(scope, content)
        case {"v": 1, "s": str(scope), "b": 1}:
            unpacked = _unpack(content)
            return None if not unpacked else EncryptedReasoning(scope, unpacked)
        case _:
            return None


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
