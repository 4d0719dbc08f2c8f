"""Makes tool-call ids of ours that map back without state.

Towards the client an id is `toolu_` and base64url of: a version byte, six bytes that make it unique in the
conversation, the upstream's own id, and an optional signature that the upstream wants back with the call.
Golden vectors stand in the tests: conversations outlive releases.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

PREFIX = "toolu_"
_VERSION = b"\x01"
_SALT_BYTES = 6
_SEPARATOR = b"\xff"
"""In no UTF-8 text."""


@dataclass(frozen=True, slots=True)
class ToolCallId:
    """What the upstream called the call, and what it wants back with it."""

    upstream_id: str
    signature: str | None = None


def wrap(upstream_id: str, *, position: int, message_id: str, signature: str | None = None) -> str:
    """The client's id for the call at `position` in the message: unique where upstreams repeat theirs."""
    salt = sha256(f"{message_id}/{position}".encode()).digest()[:_SALT_BYTES]
    payload = _VERSION + salt + upstream_id.encode("utf-8", "surrogatepass")
    if signature is not None:
        payload += _SEPARATOR + signature.encode("utf-8", "surrogatepass")
    return PREFIX + urlsafe_b64encode(payload).decode("ascii").rstrip("=")


def unwrap(tool_use_id: str) -> ToolCallId | None:
    """What `wrap` was given; None for an id that somebody else has made."""
    encoded = tool_use_id.removeprefix(PREFIX)
    if encoded == tool_use_id:
        return None
    try:
        payload = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        head, _, signature = payload[1 + _SALT_BYTES :].partition(_SEPARATOR)
        if payload[:1] != _VERSION or not head or not _is_canonical(payload, encoded):
            return None
        return ToolCallId(head.decode("utf-8", "surrogatepass"), signature.decode("utf-8", "surrogatepass") or None)
    except ValueError:
        return None


def _is_canonical(payload: bytes, encoded: str) -> bool:
    """Python's decoder skips what it does not know, so only the one form that `wrap` writes is ours."""
    return urlsafe_b64encode(payload).decode("ascii").rstrip("=") == encoded
