"""Words of the demo model. They always say that it is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edgeway.demo.conversation import MadeCall
from edgeway.demo.hands import Call, Unable

LONGEST_QUOTE: Final = 200
"""Characters."""

LABEL: Final = "I am Edgeway's demo model, no language model"
HOW_TO_CONFIGURE: Final = (
    "For a real one, set the key of a provider, such as OPENAI_API_KEY or GEMINI_API_KEY, and start `edgeway local`"
    " again; `edgeway local --model smollm2` serves a small real one on this machine."
)
EXAMPLE: Final = "write a file hello.txt with the content `Hi there` and then run `echo done`"


def plain_answer(text: str, *, has_tools: bool) -> str:
    """Return the answer to a request that asks for nothing that there is a rule for."""
    heard = f"\n\nYou said: {quote(text)}" if text else ""
    example = f"\n\nI know a few phrases and can call your tools. Try: {EXAMPLE}." if has_tools else ""
    return (
        f"{LABEL}: nothing here understands what you write, but your request has taken the whole way through"
        f" the gateway, and this answer streams back as any other would.{heard}{example}\n\n{HOW_TO_CONFIGURE}"
    )


def announcement(now: Sequence[Call], *, is_first: bool, is_last: bool) -> str:
    """Return what is said before calls."""
    purposes = " and ".join(call.purpose for call in now)
    if not is_first:
        return f"Next, I {purposes}."
    return f"{LABEL}, and follow your request by rule. {'' if is_last else 'First, '}I {purposes}."


def report(made: Sequence[MadeCall], planned: Sequence[Call], unable: Sequence[Unable]) -> str:
    """Return what came of the calls, in the tools' own words."""
    purposes = [call.purpose for call in planned]
    lines = [_outcome(call, purpose) for call, purpose in zip(made, _purposes(made, purposes), strict=True)]
    has_failed = any(call.has_failed for call in made)
    left = [*purposes[len(made) :], *(step.purpose for step in unable if not has_failed)]
    head = "A step has failed, so I stop here." if has_failed else "This is what came of it:"
    reason = "not done" if has_failed else "not done, as none of the offered tools can"
    return "\n".join(
        [head, "", *lines, *(f"- {purpose}: {reason}" for purpose in left), "", f"{LABEL}. {HOW_TO_CONFIGURE}"]
    )


def nothing_to_call_with(unable: Sequence[Unable]) -> str:
    """Return the answer where the request is understood and none of the tools is of use."""
    purposes = " and to ".join(step.purpose for step in unable)
    return f"{LABEL}. You ask me to {purposes}, and none of the offered tools can do that.\n\n{HOW_TO_CONFIGURE}"


def thoughts(made: Sequence[MadeCall], planned: Sequence[Call]) -> str:
    """Return where the work stands: there is nothing else to think about."""
    if not planned:
        return "The request holds none of the phrases that I know, so I say what I am."
    steps = "; ".join(call.purpose for call in planned)
    return f"What I find in the request: {steps}. Of {len(planned)}, {min(len(made), len(planned))} done so far."


def quote(text: str) -> str:
    """Return a text in short."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= LONGEST_QUOTE else f"“{line[:LONGEST_QUOTE]}…”"


def _purposes(made: Sequence[MadeCall], purposes: list[str]) -> list[str]:
    beyond = [f"call {call.name}" for call in made[len(purposes) :]]
    return [*purposes[: len(made)], *beyond]


def _outcome(call: MadeCall, purpose: str) -> str:
    return f"- {purpose}: {'failed, ' if call.has_failed else ''}{quote(call.result)}"
