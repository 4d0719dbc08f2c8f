"""docs/security.md names a test for each control: every one of them exists."""

from __future__ import annotations

import re

from tests.running import ROOT


def test_every_test_that_is_named_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", page)
    assert len(named) > 25
    assert [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or f"def {test}(" not in (ROOT / file).read_text()
    ] == []
