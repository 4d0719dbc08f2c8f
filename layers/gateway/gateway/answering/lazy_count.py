"""Counts a prompt's tokens when somebody needs the number, or beside the upstream's work."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from translator.anthropic.request import Prompt
from translator.tokens.counting import counting
from translator.tokens.estimate import prompt_size

from gateway.tokens.vocabulary import count_in

COUNT_AFTER_SECONDS = 0.02
"""Where an upstream answers sooner, the caller is told an estimate: a count would cost more than the answer."""
LEAST_COUNTED = 2_000
"""Tokens. Of a shorter prompt the estimate is near enough, and a vocabulary takes 75 MB of each process."""


class LazyCount:
    """Stands for the number wherever `int()` asks for it: it is counted then, unless it has been before.

    `guessed_most` is more than it is likely to be, `estimate` is near it. The texts may be large: they are let go
    when they are counted, or when nobody needs the number any more.
    """

    def __init__(
        self, count: Callable[[], int], *, guessed_most: int, estimate: int, least_counted: float = LEAST_COUNTED
    ) -> None:
        self.guessed_most = guessed_most
        self.known = estimate
        """The number, or the estimate until it has been counted."""
        self._count: Callable[[], int] | None = count
        self._least_counted = least_counted

    def __int__(self) -> int:
        count = self._count
        if count is not None:
            self.known = count()
            self._forget_texts()
        return self.known

    async def counted(self) -> int:
        """The number, counted in a thread."""
        return await asyncio.to_thread(self.__int__) if self._count is not None else self.known

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count a long prompt in a thread, if the block takes its time; after it nobody needs the exact number."""
        loop = asyncio.get_running_loop()
        soon = None
        if self.known >= self._least_counted:
            soon = loop.call_later(COUNT_AFTER_SECONDS, loop.run_in_executor, None, self._try_to_count)
        try:
            yield
        finally:
            if soon is not None:
                soon.cancel()
            self._forget_texts()

    def _forget_texts(self) -> None:
        self._count = None

    def _try_to_count(self) -> None:
        """What goes wrong is raised for whoever needs the number."""
        with suppress(Exception):
            int(self)


class ToldCount:
    """The same number for the caller's eyes: nobody waits for it."""

    def __init__(self, counted: LazyCount) -> None:
        self._counted = counted

    def __int__(self) -> int:
        return self._counted.known


def count_of(prompt: Prompt) -> LazyCount:
    """The count of a prompt, for the model that it names."""
    size = prompt_size(prompt)
    count = partial(size.tokens, counting(prompt.model, count_in))
    return LazyCount(count, guessed_most=size.guessed_most, estimate=size.estimate)
