"""Typed cases: an id, why the case is there, the input and the complete output."""

import re
from collections.abc import Iterable
from typing import Any, Protocol

import pytest

_MODE = re.compile(r"failure mode (\d+)")


class Case(Protocol):
    """What every case tells of itself."""

    @property
    def id(self) -> str: ...

    @property
    def why(self) -> str: ...


def parameters(cases: Iterable[Case]) -> list[Any]:
    """The cases for pytest, marked with the failure modes that their reasons name."""
    return [
        pytest.param(case, id=case.id, marks=[pytest.mark.failure_mode(int(mode)) for mode in _MODE.findall(case.why)])
        for case in cases
    ]
