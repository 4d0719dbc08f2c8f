"""One loop for all calls, and what becomes of tasks that were left."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from typing import Any

import pytest
from streaming import event_loop, run_on_one_loop

SECRET = "the caller's own words"
seen: ContextVar[str] = ContextVar("seen", default="nothing")


class Invocation:
    """A context object, with the time that is left."""

    def __init__(self, milliseconds: int = 60_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


class Calls:
    """An async handler that remembers its loops, and runs what the event is."""

    def __init__(self) -> None:
        self.loops: list[asyncio.AbstractEventLoop] = []
        self.done: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def handle(self, event: str, context: Any) -> str:
        self.loops.append(asyncio.get_running_loop())
        before = seen.get()
        seen.set("something")
        match event:
            case "fail":
                raise ValueError(SECRET)
            case "leave":
                self.tasks.append(asyncio.create_task(self._store(more=1)))
            case "linger":
                self.tasks.append(asyncio.create_task(self._linger()))
            case "abandon":
                await anext(self._generate())
            case "fail late":
                await anext(self._generate(fails=True))
            case _:
                pass
        return before

    async def _linger(self) -> None:
        await asyncio.Event().wait()

    async def _store(self, more: int) -> None:
        await asyncio.sleep(0)
        if more:
            self.tasks.append(asyncio.create_task(self._store(more - 1)))
        self.done.append("stored")

    async def _generate(self, *, fails: bool = False) -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            self.done.append("closed")
            if fails:
                raise ValueError(SECRET)


@pytest.fixture
def calls() -> Iterator[Calls]:
    made = Calls()
    yield made
    (loop,) = {*made.loops}
    loop.run_until_complete(end(made.tasks))
    loop.close()


async def end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_every_call_runs_on_the_same_loop_with_context_variables_of_its_own(calls: Calls) -> None:
    handler = run_on_one_loop(calls.handle)
    assert [handler("return", Invocation()) for _ in range(2)] == ["nothing", "nothing"]
    assert calls.loops == [calls.loops[0]] * 2
    assert seen.get() == "nothing"


def test_an_exception_is_raised_as_it_is_and_the_loop_goes_on(calls: Calls) -> None:
    handler = run_on_one_loop(calls.handle)
    with pytest.raises(ValueError, match=SECRET):
        handler("fail", Invocation())
    assert handler("return", Invocation()) == "nothing"


@pytest.mark.parametrize(("event", "done"), [("leave", ["stored", "stored"]), ("abandon", ["closed"])])
def test_what_was_left_ends_before_the_answer(calls: Calls, event: str, done: list[str]) -> None:
    run_on_one_loop(calls.handle)(event, Invocation())
    assert calls.done == done


@pytest.mark.parametrize(("milliseconds", "patience"), [(0, 60.0), (60_000, 0.01)])
def test_tasks_that_take_too_long_are_awaited_once(
    calls: Calls,
    milliseconds: int,
    patience: float,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(event_loop, "PATIENCE", patience)
    handler = run_on_one_loop(calls.handle)
    for event in ("linger", "return", "linger"):
        handler(event, Invocation(milliseconds))
    outlived = {"level": "ERROR", "message": "tasks outlive their invocation", "tasks": 1}
    assert [json.loads(line) for line in capsys.readouterr().err.splitlines()] == [outlived, outlived]
    assert [task.done() for task in calls.tasks] == [False, False]


def test_a_failure_that_nobody_awaits_is_logged_without_what_it_says(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    run_on_one_loop(calls.handle)("fail late", Invocation())
    logged = json.loads(capsys.readouterr().err)
    assert (logged["message"], logged["errorType"]) == ("a task failed that nobody awaits", "ValueError")
    assert SECRET not in json.dumps(logged)


def test_a_task_that_is_lost_is_logged_without_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    loop = event_loop.new_loop()
    loop.call_exception_handler({"message": SECRET})
    loop.close()
    assert json.loads(capsys.readouterr().err) == {"level": "ERROR", "message": "a task was lost before its end"}
