"""A number that is worked out once, when it is first asked for."""

from collections.abc import Callable
from threading import Lock


class Counted:
    """Stands for the number wherever `int()` is asked of it; two threads that ask at once wait for one count.

    `guessed_most` is more than it is likely to be.
    """

    def __init__(self, count: Callable[[], int], *, guessed_most: int) -> None:
        self.guessed_most = guessed_most
        self._count = count
        self._lock = Lock()
        self._number: int | None = None

    def __int__(self) -> int:
        with self._lock:
            if self._number is None:
                self._number = self._count()
            return self._number
