"""Notes which tests hold which failure mode. With `--conformance FILE` it runs those alone, and writes the page."""

from pathlib import Path

import pytest

from tests.conformance.page import TEST, Held, render

COMMANDS = {
    name: f"make {name.replace('_', '-')}" for name in ("bench", "clients", "dynamodb_local", "real", "sam_local")
}
COMMANDS |= {name: f"make {name}-test" for name in ("image", "sam")}
"""By the mark of the tests that `make test` leaves out."""

COLLECTED = pytest.StashKey[tuple[frozenset[Held], frozenset[str]]]()
"""What was found, and in which files it was looked for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that `make conformance` gives."""
    parser.addoption("--conformance", type=Path, metavar="FILE", help="run what holds a failure mode, write the page")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Look at all tests before any is deselected."""
    held = frozenset(test for item in items for test in held_by(item))
    config.stash[COLLECTED] = held, frozenset(item.nodeid.partition("::")[0] for item in items)
    file: Path | None = config.getoption("--conformance")
    if file is not None:
        items[:] = [item for item in items if item.get_closest_marker("failure_mode")]
        config.pluginmanager.register(_Writer(file, held))


def held_by(item: pytest.Item) -> list[Held]:
    """What a test holds, by its marks."""
    file, _, name = item.nodeid.partition("::")
    function, is_case, case = name.partition("[")
    case = case.removesuffix("]") or ("(empty)" if is_case else "")
    command = next((COMMANDS[mark.name] for mark in item.iter_markers() if mark.name in COMMANDS), TEST)
    modes = {mark.args[0] for mark in item.iter_markers("failure_mode")}
    return [Held(mode, command, file, function, case) for mode in sorted(modes)]


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
