"""Signals as an exception, at the right moment."""

import signal
from collections.abc import Iterator

import pytest
from streaming.termination import Terminated, Termination, exit_unless_exception


@pytest.fixture
def termination() -> Iterator[Termination]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    installed = Termination()
    installed.install()
    yield installed
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_an_exit_with_status_0_and_only_the_first_is(termination: Termination, number: int) -> None:
    with pytest.raises(Terminated) as raised:
        signal.raise_signal(number)
    assert raised.value.code == 0
    assert termination.arrived
    assert [signal.getsignal(later) for later in (signal.SIGTERM, signal.SIGINT)] == [signal.SIG_IGN] * 2


def test_a_signal_waits_for_the_end_of_a_block(termination: Termination) -> None:
    ran = []

    def settle() -> None:
        with termination:
            signal.raise_signal(signal.SIGTERM)
            ran.append("to its end")

    with pytest.raises(Terminated):
        settle()
    assert ran == ["to its end"]


def test_an_exception_ends_nothing_and_anything_else_ends_the_process() -> None:
    exit_unless_exception(ValueError("a secret"))
    for error in (SystemExit("a secret"), KeyboardInterrupt(), GeneratorExit()):
        with pytest.raises(SystemExit) as raised:
            exit_unless_exception(error)
        assert raised.value.code == 1
