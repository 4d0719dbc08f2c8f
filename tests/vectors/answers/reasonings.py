"""Reasoning in its spellings, shown, sealed and dropped (wire.md 5; failure modes 23, 24)."""

from tests.vectors.answers import (
    AnswerCase,
    Events,
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
from tests.vectors.answers.calls import CUT, called, calling, weather

THOUGHT = whole(thinking_block("Let me think."), text_block("Done."), stop_reason="end_turn")
SEALED = "ew1.hidden.TGV0IG1lIHRoaW5rLg=="  # Let me think.


def thought(*pieces: str) -> Events:
    return [*begin(), *thinking(0, *pieces), *text(1, "Done."), *end("end_turn")]


CASES = [
    AnswerCase(
        id="reasoning-content",
        why="failure mode 23: DeepSeek, Qwen, Kimi, GLM: signed before the text begins",
        events=thought("Let me ", "think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="reasoning",
        why="failure mode 24: vLLM and OpenRouter",
        events=thought("Let me ", "think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="reasoning-under-two-names",
        why="failure mode 24: OpenRouter says it twice; it is told once",
        events=thought("Let me think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="reasoning-details",
        why="failure mode 24: text and summaries; what is encrypted holds no text",
        events=thought("Let me think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="reasoning-parts",
        why="failure mode 24: Mistral sends it among the parts of the content",
        events=[*begin(), *thinking(0, "Let me think."), *text(1, "Done", "."), *end("end_turn")],
        message=THOUGHT,
    ),
    AnswerCase(
        id="reasoning-only",
        why="failure mode 49: the limit was reached before any text",
        events=[*begin(), *thinking(0, "Let me think."), *end("max_tokens")],
        message=whole(thinking_block("Let me think."), stop_reason="max_tokens"),
    ),
    AnswerCase(
        id="reasoning-between-text",
        why="failure mode 8: in the order in which it came",
        events=[*begin(), *text(0, "One."), *thinking(1, "Hm."), *text(2, "Two."), *end("end_turn")],
        message=whole(text_block("One."), thinking_block("Hm."), text_block("Two."), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="reasoning-omitted",
        why="failure mode 22: display omitted: no text, but sealed, since the upstream may want it back",
        events=[*begin(), *thinking(0, signature=SEALED), *text(1, "Done."), *end("end_turn")],
        message=whole(thinking_block("", SEALED), text_block("Done."), stop_reason="end_turn"),
        display="omitted",
    ),
    AnswerCase(
        id="reasoning-dropped",
        why="the caller has switched thinking off",
        events=[*begin(), *text(0, "Done."), *end("end_turn")],
        message=whole(text_block("Done."), stop_reason="end_turn"),
        display="dropped",
    ),
    AnswerCase(
        id="reasoning-omitted-while-waiting",
        why="sealed as well where it has to wait for the end of a call",
        events=called(tool_use(0, ours("call_a"), "get_weather", *CUT), thinking(1, signature=SEALED)),
        message=calling(weather(ours("call_a")), thinking_block("", SEALED)),
        display="omitted",
    ),
    AnswerCase(
        id="reasoning-as-object",
        why="failure mode 24: in objects or parts, under either name",
        events=[*begin(), *thinking(0, "Hm.", " Well."), *text(1, "Done."), *end("end_turn")],
        message=whole(thinking_block("Hm. Well."), text_block("Done."), stop_reason="end_turn"),
    ),
]
