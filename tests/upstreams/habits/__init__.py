"""Answers in forms that one upstream or another has, each with the whole of what must become of it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.upstreams.habits.calls import CALLS
from tests.upstreams.habits.ends import ENDS
from tests.upstreams.habits.exchanges import EXCHANGES
from tests.upstreams.habits.frames import FRAMES
from tests.upstreams.habits.habit import Habit
from tests.upstreams.habits.sayings import SAYINGS

HABITS: Mapping[str, Habit] = {**FRAMES, **SAYINGS, **CALLS, **ENDS, **EXCHANGES}
