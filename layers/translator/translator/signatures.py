"""The signatures of our own thinking blocks: a namespace, and the thinking itself where the caller must not see it.

Clients echo a signature as it is, so what an upstream wants back on the next turn travels in it, without a session.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

PREFIX = "ew1."


def seal(hidden: str | None) -> str:
    """The signature of a thinking block; `hidden` is its text where the block itself shows none."""
    if hidden is None:
        return PREFIX + "shown"
    return PREFIX + "hidden." + urlsafe_b64encode(hidden.encode("utf-8", "surrogatepass")).decode("ascii")


def unseal(thinking: str, signature: str) -> str | None:
    """The thinking text of a block of ours; None where somebody else has signed it."""
    if not signature.startswith(PREFIX):
        return None
    state, _, payload = signature.removeprefix(PREFIX).partition(".")
    if state != "hidden":
        return thinking
    try:
        return urlsafe_b64decode(payload).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
