"""Makes the ids of requests, in the shape of a UUID."""

from __future__ import annotations

from random import getrandbits


def new_id() -> str:
    """Return an id that no other request has; it is no secret, and `uuid4` takes ten times as long."""
    digits = f"{getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def public_id(gateway_id: str) -> str:
    """Return the id under which callers know the request."""
    return "req_" + gateway_id.replace("-", "")
