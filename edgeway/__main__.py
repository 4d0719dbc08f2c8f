"""`python -m edgeway`."""

from edgeway.cli import main

main()
