"""Says at the end of a run what the emulator could not show."""

from __future__ import annotations

import pytest

from tests.stack.emulator import CANNOT_SHOW


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any(report.nodeid.startswith("tests/stack/") for report in terminalreporter.getreports("passed")):
        terminalreporter.section("what ministack cannot show, and `edgeway doctor` looks at on AWS")
        for line in CANNOT_SHOW:
            terminalreporter.write_line(f"* {line}")
