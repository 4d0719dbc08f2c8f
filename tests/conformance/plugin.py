"""Notes which tests hold which failure mode.

`--failure-mode N` runs the tests of one; `--conformance FILE` runs those of all, and writes the page.
"""

from pathlib import Path

import pytest

from tests.conformance.page import TEST, Held, render

COMMANDS = {
    name: f"make {name.replace('_', '-')}" for name in ("bench", "clients", "dynamodb_local", "real", "sam_local")
}
COMMANDS |= {name: f"make {name}-test" for name in ("image", "sam")}
"""By the mark of the tests that `make test` leaves out."""

COLLECTED = pytest.StashKey[frozenset[Held]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options that `make conformance` gives."""
    parser.addoption("--conformance", type=Path, metavar="FILE", help="run what holds a failure mode, write the page")
    parser.addoption("--failure-mode", type=int, metavar="N", help="run what holds this failure mode")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Look at all tests before any is deselected."""
    held = frozenset(test for item in items for test in held_by(item))
    config.stash[COLLECTED] = held
    file: Path | None = config.getoption("--conformance")
    mode: int | None = config.getoption("--failure-mode")
    if file is not None or mode is not None:
        wanted = {test.test for test in held if mode is None or test.mode == mode}
        items[:] = [item for item in items if item.nodeid in wanted]
    if file is not None and mode is None:
        config.pluginmanager.register(_Writer(file, held))


def held_by(item: pytest.Item) -> list[Held]:
    """What a test holds, by its marks."""
    command = next((COMMANDS[mark.name] for mark in item.iter_markers() if mark.name in COMMANDS), TEST)
    modes = {mark.args[0] for mark in item.iter_markers("failure_mode")}
    return [Held(mode, command, item.nodeid) for mode in sorted(modes)]


class _Writer:
    """Writes the page at the end of a run in which every test has passed."""

    def __init__(self, file: Path, held: frozenset[Held]) -> None:
        self._file = file
        self._held = held
        self._has_passed: dict[str, bool] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._has_passed[report.nodeid] = self._has_passed.get(report.nodeid, True) and report.passed

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        others = [test for test, has_passed in self._has_passed.items() if not has_passed]
        if others or not self._has_passed:
            terminalreporter.write_line(f"{self._file} was not written: {len(others)} tests have not passed")
            return
        self._file.write_text(render(self._held), encoding="utf-8")
        terminalreporter.write_line(f"{self._file}: {len(self._has_passed)} tests, passed")
