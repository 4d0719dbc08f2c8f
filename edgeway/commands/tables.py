"""Prints tables."""

import sys

from rich.console import Console
from rich.table import Table

WIDTH_OF_A_PIPE = 200


def print_table(table: Table) -> None:
    """Print to standard output: as wide as the terminal, and never folded to 80 columns in a pipe.

    Text is shown as it is: names and answers of others may look like rich's markup.
    """
    width = None if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)
