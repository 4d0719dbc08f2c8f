"""Refuses host names that are not the server's own, so that no web page reaches it by another name.

A page of evil.example may let its own name lead to 127.0.0.1 after it was loaded (DNS rebinding). Its requests then go
to this server, but name evil.example as their host, and a browser lets nobody change that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from edgeway.local.web import failures
from edgeway.local.web.failures import Failure

ANY: Final = "*"
_OF_NO_ONE_ELSE: Final = (".localhost", ".internal")
"""Names that nobody can register (RFC 6761, section 6.3; ICANN's resolution of 29 July 2024)."""
_AUTHORITY: Final = re.compile(r"(?:\[([^\[\]]*)\]|([^\[\]:]*))(?::\d*)?")


@dataclass(frozen=True, slots=True)
class Hosts:
    """The names that an operator has named (`*.example.com`: those below it; `*`: every name), over the server's own.

    Its own are addresses, names without a dot (localhost, the name of a container or of this machine), and those that
    nobody can register: no stranger can let one of them lead here.
    """

    named: frozenset[str] = frozenset()

    @classmethod
    def of(cls, named: Iterable[str]) -> Hosts:
        """Take the names as an operator writes them."""
        return cls(frozenset(name.strip().rstrip(".").lower() for name in named))

    def refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> Failure | None:
        """What a request with these headers (names in lower case) is told that is meant for, or comes from, another."""
        for name, value in headers:
            if name == b"host" and not self.owns(value.decode("latin-1")):
                return failures.foreign_host(_name(value.decode("latin-1")))
            if name == b"origin" and not self._owns_origin(value.decode("latin-1")):
                return failures.foreign_origin(value.decode("latin-1"))
        return None

    def owns(self, authority: str) -> bool:
        """Whether a host, which may have a port, is this server."""
        name = _name(authority)
        return (
            ANY in self.named
            or "." not in name
            or name.endswith(_OF_NO_ONE_ELSE)
            or _is_address(name)
            or name in self.named
            or any(name.endswith(known[1:]) for known in self.named if known.startswith("*."))
        )

    def _owns_origin(self, origin: str) -> bool:
        """Whether a page may ask. Programs have no origin, or one that no page can take: vscode-webview://…"""
        scheme, mark, authority = origin.partition("://")
        if not mark:  # `null`, which every page can be made to send
            return ANY in self.named
        return scheme.lower() not in ("http", "https") or self.owns(authority)


ITS_OWN: Final = Hosts()
"""None is named."""


def _name(authority: str) -> str:
    """The name in a host and port."""
    found = _AUTHORITY.fullmatch(authority)
    return ((found[1] or found[2] or "") if found else authority).rstrip(".").lower()


@lru_cache(maxsize=64)
def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
