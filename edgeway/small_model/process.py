"""Runs the small model as a process of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager

from edgeway.model_process import ModelServer, running
from edgeway.small_model import MODEL


def start(*arguments: str) -> AbstractContextManager[ModelServer]:
    """Run the small model for as long as the block lasts; `arguments` are those of `python -m edgeway.small_model`.

    The first time, it is downloaded before the block begins, with progress on standard error.
    """
    return running("edgeway.small_model", arguments, models=(MODEL,))
