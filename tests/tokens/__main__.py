"""Prints how far the token counts are from the families' own tokenizers: `python -m tests.tokens [--write]`.

With --write the table in docs/tokens.md is written again, which a test compares.
"""

import sys
from pathlib import Path

from tests.tokens.errors import table

PAGE = Path(__file__).parents[2] / "docs" / "tokens.md"
BEGIN, END = "<!-- errors: written by python -m tests.tokens --write -->", "<!-- end of errors -->"


def with_table(page: str) -> str:
    """The page with the table as it is now."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write(table())
