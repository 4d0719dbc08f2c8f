"""A terminal that a person looks at."""

from __future__ import annotations

import io


class Screen(io.StringIO):
    """Keeps what is printed."""

    def isatty(self) -> bool:
        return True
