"""Runs the demo model as a process of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager

from edgeway.demo import MODEL
from edgeway.model_process import ModelServer, running


def start(*arguments: str) -> AbstractContextManager[ModelServer]:
    """Run the demo model for as long as the block lasts; `arguments` are those of `python -m edgeway.demo`."""
    return running("edgeway.demo", arguments, models=(MODEL,))
