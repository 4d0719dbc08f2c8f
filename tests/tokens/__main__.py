"""Prints how far the token counts are from the families' own tokenizers: `python -m tests.tokens [--write]`.

With --write the table in docs/tokens.md and its picture are written again, which a test compares.
"""

import sys
from pathlib import Path

from tests.tokens.errors import picture, table

PAGE = Path(__file__).parents[2] / "docs" / "tokens.md"
PICTURE = PAGE.parent / "pictures" / "token-errors.svg"
SHOWN = "![How far the counts are off, as curves](pictures/token-errors.svg)"
BEGIN, END = "<!-- errors: written by python -m tests.tokens --write -->", "<!-- end of errors -->"


def with_table(page: str) -> str:
    """The page with the table as it is now."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}\n{SHOWN}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")
        PICTURE.write_text(picture(), "utf-8")
    sys.stdout.write(table())
