"""Gemini's thought signatures, which must come back with the call (failure mode 3, fixture 3)."""

from dataclasses import replace

from tests.vectors.answers import (
    PLAIN,
    AnswerCase,
    Json,
    begin,
    end,
    ours,
    text,
    text_block,
    thinking,
    thinking_block,
    tool_use,
    whole,
)
from tests.vectors.answers.calls import CUT, LONDON, called, calling, time, weather

GEMINI = replace(PLAIN, thought_signature="google")
SIGNED = ours("a1", signature="signed")
SECOND = ours("b2", 1)
REFUSED: Json = {"type": "refusal", "category": None, "explanation": "No."}

CASES = [
    AnswerCase(
        id="call-signed",
        why="failure mode 3: the id holds the signature: clients give back nothing else; only the first call has one",
        events=called(tool_use(0, SIGNED, "get_weather", LONDON), tool_use(1, SECOND, "get_time", "{}")),
        message=calling(weather(SIGNED), time(SECOND)),
        traits=GEMINI,
    ),
    AnswerCase(
        id="call-signed-later",
        why="failure mode 3: a signature on its own belongs to the first call that has none, so calls wait for it",
        events=called(tool_use(0, SIGNED, "get_weather", LONDON), tool_use(1, SECOND, "get_time", "{}")),
        message=calling(weather(SIGNED), time(SECOND)),
        traits=GEMINI,
    ),
    AnswerCase(
        id="call-signed-by-a-fragment",
        why="failure mode 3: a fragment of nothing but the signature; what follows the call ends the wait",
        events=called(text(0, "Looking."), tool_use(1, SIGNED, "get_weather", "".join(CUT)), text(2, "Done.")),
        message=calling(text_block("Looking."), weather(SIGNED), text_block("Done.")),
        traits=replace(PLAIN, thought_signature="vertex"),
    ),
    AnswerCase(
        id="call-signed-unasked",
        why="other upstreams' calls begin at once, so a signature that comes later is lost, and nobody misses it",
        events=called(tool_use(0, ours("call_a", signature="signed"), "get_time", "{}")),
        message=calling(time(ours("call_a", signature="signed"))),
    ),
    AnswerCase(
        id="call-signed-reasoning-and-refusal",
        why="whatever follows ends the wait, in order; a signature that nobody waits for is lost",
        events=[
            *begin(),
            *tool_use(0, ours("a1"), "get_time", "{}"),
            *thinking(1, "Hm."),
            *tool_use(2, SECOND, "get_time", "{}"),
            *text(3, "No."),
            *end("refusal", details=REFUSED),
        ],
        message=whole(
            time(ours("a1")),
            thinking_block("Hm."),
            time(SECOND),
            text_block("No."),
            stop_reason="refusal",
            details=REFUSED,
        ),
        traits=GEMINI,
    ),
]
