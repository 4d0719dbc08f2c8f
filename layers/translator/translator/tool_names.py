"""Tool names that upstreams accept: at most 64 letters, digits, `_` and `-`. Longer ones come from MCP servers."""

import re
from collections.abc import Iterable
from hashlib import sha256

MAX_LENGTH = 64
_HASH_LENGTH = 8
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_-]")


class ToolNames:
    """Both directions for the names of one request: rebuilt from it each time, so nothing is stored."""

    def __init__(self, names: Iterable[str]) -> None:
        self._originals = {shorten(name): name for name in names}

    def original(self, upstream_name: str) -> str:
        """The caller's name for what the upstream called."""
        return self._originals.get(upstream_name, upstream_name)


def shorten(name: str) -> str:
    """The name itself where it is legal, else its beginning and a hash of the whole."""
    if len(name) <= MAX_LENGTH and not _FORBIDDEN.search(name):
        return name
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    return _FORBIDDEN.sub("_", name)[: MAX_LENGTH - _HASH_LENGTH - 1] + "_" + digest
