"""How the commands print tables."""

import sys

from rich.console import Console
from rich.table import Table

WIDTH_OF_A_PIPE = 200


def print_table(table: Table) -> None:
    """Print to standard output: as wide as the terminal, and never folded to 80 columns in a pipe."""
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE, highlight=False).print(table)
