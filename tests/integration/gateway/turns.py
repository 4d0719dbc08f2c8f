"""Two callers on one loop: one is held at a step of its own until the other has been served to its end.

A step is what a task does between two places where it waits. The loop's tasks are wrapped, so that no code under test
knows of it: every place where the one waits can be the place where the other comes in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context, ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_GATE: ContextVar[Gate | None] = ContextVar("gate", default=None)


class Gate:
    """Counts the steps of one caller's tasks, and holds them all from one step on until it is opened."""

    def __init__(self, closes_at: int) -> None:
        self.steps = 0
        self._closes_at = closes_at
        self._is_open = False
        self._held: list[asyncio.Future[None]] = []
        self.closed = asyncio.Event()

    def wait(self) -> asyncio.Future[None] | None:
        """What the next step has to wait for."""
        if self._is_open or self.steps < self._closes_at:
            self.steps += 1
            return None
        self.closed.set()
        self._held.append(asyncio.get_running_loop().create_future())
        return self._held[-1]

    def open(self) -> None:
        """Let them go on."""
        self._is_open = True
        for held in self._held:
            if not held.done():
                held.set_result(None)


class _Steps(Coroutine[Any, Any, T]):
    """A coroutine whose every step passes the gate."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], gate: Gate) -> None:
        self._coroutine = coroutine
        self._gate = gate

    def send(self, value: Any, /) -> Any:
        held = self._gate.wait()
        return self._coroutine.send(value) if held is None else next(iter(held.__await__()))

    def throw(self, *error: Any) -> Any:
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()

    def __await__(self) -> Generator[Any, Any, T]:
        raise NotImplementedError("a task drives it")


async def hold(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, T], at: int) -> tuple[T, T, int]:
    """The results of both, and how many steps the one took. It is held at that step until the other is done."""
    loop = asyncio.get_running_loop()
    loop.set_task_factory(_new_task)
    try:
        gate = Gate(at)
        held = loop.create_task(_behind(gate, one))
        closed = loop.create_task(gate.closed.wait())
        await asyncio.wait({held, closed}, return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        of_other = await loop.create_task(other)
        gate.open()
        return await held, of_other, gate.steps
    finally:
        loop.set_task_factory(None)


async def _behind(gate: Gate, work: Coroutine[Any, Any, T]) -> T:
    _GATE.set(gate)
    return await asyncio.create_task(work)


def _new_task(
    loop: asyncio.AbstractEventLoop, coroutine: Any, *, context: Context | None = None, **options: Any
) -> asyncio.Task[Any]:
    gate = _GATE.get() if context is None else context.get(_GATE)
    return asyncio.Task(coroutine if gate is None else _Steps(coroutine, gate), loop=loop, context=context, **options)
