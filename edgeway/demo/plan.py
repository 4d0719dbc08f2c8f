"""Plans the answer to a request. Pure: the same request gets the same answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from edgeway.demo import wording
from edgeway.demo.calls import closing_call, forced_call, planned_calls
from edgeway.demo.conversation import Request
from edgeway.demo.hands import Call, Unable
from edgeway.demo.instances import instance


@dataclass(frozen=True, slots=True)
class Plan:
    """One answer: first thoughts, then text, then calls."""

    thoughts: str
    text: str
    calls: tuple[Call, ...] = ()


def make_plan(request: Request) -> Plan:
    """Return the answer to a request."""
    planned = planned_calls(request)
    calls = [call for call in planned if isinstance(call, Call)]
    thoughts = wording.thoughts(request.made, calls) if request.reasons else ""
    has_failed = any(made.has_failed for made in request.made)
    if (remaining := calls[len(request.made) :]) and not has_failed:
        now = _at_once(remaining) if request.parallel else remaining[:1]
        is_last = len(now) == len(calls)
        return Plan(thoughts, wording.announcement(now, is_first=not request.made, is_last=is_last), tuple(now))
    text = _last_words(request, calls, [step for step in planned if isinstance(step, Unable)])
    if closing := closing_call(request, text):
        return Plan(thoughts, "", (closing,))
    if request.must_call:
        return Plan(thoughts, "", (forced_call(request),))
    return Plan(thoughts, text)


def _at_once(remaining: Sequence[Call]) -> Sequence[Call]:
    """The next call, or all up to the first that has to wait for another."""
    return list(takewhile(lambda call: call.is_independent, remaining)) or remaining[:1]


def _last_words(request: Request, calls: Sequence[Call], unable: Sequence[Unable]) -> str:
    if request.schema is not None:
        return json.dumps(instance(request.schema, request.text, "demo"), ensure_ascii=False)
    if request.made:
        return wording.report(request.made, calls, unable)
    if unable:
        return wording.nothing_to_call_with(unable)
    return wording.plain_answer(request.text, has_tools=bool(request.tools))
