"""Reasoning within the text, and reasoning that the upstream wants back in its own form (failure modes 22, 24)."""

from base64 import urlsafe_b64encode
from dataclasses import replace

from translator.anthropic.events import encode_json
from translator.traits import Traits

from tests.vectors.answers import (
    AnswerCase,
    Events,
    Json,
    begin,
    end,
    ours,
    text,
    text_block,
    thinking,
    thinking_block,
    tool_use,
    tool_use_block,
    usage,
    whole,
)
from tests.vectors.answers.reasonings import THOUGHT, thought

TAGGED = Traits(think_tags="both")
OPENED = Traits(think_tags="closing")
OPENROUTER = Traits(reasoning_echo="reasoning_details")
CLAUDE: Json = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0, "text": "Let me think."}
ENCRYPTED: Json = {"type": "reasoning.encrypted", "data": "abc", "id": "call_a", "index": 0}
A = ours("call_a")
TIME = tool_use_block(A, "get_time", {})


def sealed(*details: Json) -> str:
    return "ew1.details." + urlsafe_b64encode(encode_json(details)).decode()


def said(*events: Json, stop_reason: str = "end_turn") -> Events:
    return [*begin(), *events, *end(stop_reason)]


CASES = [
    AnswerCase(
        id="think-tags",
        why="failure mode 24: the tags come in pieces, and the lines between them and the answer are nobody's",
        events=said(*thinking(0, "Let me ", "think."), *text(1, "Done", ".")),
        message=THOUGHT,
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-with-a-call",
        why="failure mode 24: a call may be the whole answer",
        events=said(*thinking(0, "Let me think."), *tool_use(1, A, "get_time", "{}"), stop_reason="tool_use"),
        message=whole(thinking_block("Let me think."), TIME, stop_reason="tool_use"),
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-and-a-field",
        why="failure mode 24: a server that has a field for it after all",
        events=thought("Let me think."),
        message=THOUGHT,
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-cut-short",
        why="failure mode 24: what looked like a tag was none",
        events=said(*thinking(0, "Let me think.", "</th"), stop_reason="max_tokens"),
        message=whole(thinking_block("Let me think.</th"), stop_reason="max_tokens"),
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-later",
        why="failure mode 24: a model that writes about the tags means text",
        events=said(*text(0, "Use ", "<think>", " for that.")),
        message=whole(text_block("Use <think> for that."), stop_reason="end_turn"),
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-unasked",
        why="failure mode 24: of a model that is not known for it they are text",
        events=said(*text(0, "<think>Hm.</think>Done.")),
        message=whole(text_block("<think>Hm.</think>Done."), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="think-tags-and-a-refusal",
        why="what was held back comes first",
        events=[
            *begin(),
            *text(0, "<thi", "No."),
            *end("refusal", details={"type": "refusal", "category": None, "explanation": "No."}),
        ],
        message=whole(
            text_block("<thiNo."),
            stop_reason="refusal",
            details={"type": "refusal", "category": None, "explanation": "No."},
        ),
        traits=TAGGED,
    ),
    AnswerCase(
        id="think-tags-closing",
        why="failure mode 24: the template has opened the thought, so it begins at once",
        events=said(*thinking(0, "Let me ", "think."), *text(1, "Done", ".")),
        message=THOUGHT,
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-and-opening",
        why="failure mode 24: a template that has not, after all",
        events=said(*thinking(0, "Let me ", "think."), *text(1, "Done.")),
        message=THOUGHT,
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-and-a-field",
        why="failure mode 24: a server that tells it apart sends text as text",
        events=thought("Let me think."),
        message=THOUGHT,
        traits=OPENED,
    ),
    *(
        AnswerCase(
            id=f"think-tags-{name}-and-space-before-a-field",
            why="failure mode 24: space is the answer's, and begins nothing before the thought",
            events=said(*thinking(0, "Let me think."), *text(1, "\nDone.")),
            message=whole(thinking_block("Let me think."), text_block("\nDone."), stop_reason="end_turn"),
            traits=traits,
            offered=[{"type": "function", "function": {"name": "get_time"}}],
        )
        for name, traits in (
            ("both", TAGGED),
            ("closing", replace(OPENED, written_calls=True)),
            ("none", Traits(written_calls=True)),
        )
    ),
    AnswerCase(
        id="think-tags-closing-and-a-field-late",
        why="failure mode 24: what was taken for reasoning is said again",
        events=said(*thinking(0, "Wait"), *text(1, "Wait"), *thinking(2, "Let me think."), *text(3, "Done.")),
        message=whole(
            thinking_block("Wait"),
            text_block("Wait"),
            thinking_block("Let me think."),
            text_block("Done."),
            stop_reason="end_turn",
        ),
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-never",
        why="failure mode 24: an answer without a thought is said again as text, since nothing may be lost",
        events=said(*thinking(0, "Let me ", "think.", "</th"), *text(1, "Let me think.</th")),
        message=whole(thinking_block("Let me think.</th"), text_block("Let me think.</th"), stop_reason="end_turn"),
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-never-hidden",
        why="failure mode 24: where no thinking is wanted, the answer is all there is",
        events=said(*text(0, "Let me think.")),
        message=whole(text_block("Let me think."), stop_reason="end_turn"),
        traits=OPENED,
        display="dropped",
    ),
    AnswerCase(
        id="think-tags-closing-never-in-time",
        why="failure mode 49: a thought that has taken all tokens is a thought",
        events=said(*thinking(0, "Let me ", "think."), stop_reason="max_tokens"),
        message=whole(thinking_block("Let me think."), stop_reason="max_tokens"),
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-stopped",
        why="failure mode 46: said as text, it is scanned like text",
        events=[
            *begin(),
            *thinking(0, "Let me END", "think."),
            *text(1, "Let me "),
            *end("stop_sequence", stop_sequence="END"),
        ],
        message=whole(
            thinking_block("Let me ENDthink."),
            text_block("Let me "),
            stop_reason="stop_sequence",
            stop_sequence="END",
        ),
        traits=OPENED,
        stop_sequences=("END",),
    ),
    AnswerCase(
        id="think-tags-closing-with-a-call",
        why="failure mode 24: what comes before a call is its reason",
        events=said(*thinking(0, "Let me think."), *tool_use(1, A, "get_time", "{}"), stop_reason="tool_use"),
        message=whole(thinking_block("Let me think."), TIME, stop_reason="tool_use"),
        traits=OPENED,
    ),
    AnswerCase(
        id="think-tags-closing-unasked",
        why="failure mode 24: of a model that is not known for it a tag on its own is text: what comes before it has "
        "been sent as text already, and may be that",
        events=said(*text(0, "Let me think.</think>", "Done.")),
        message=whole(text_block("Let me think.</think>Done."), stop_reason="end_turn"),
    ),
    AnswerCase(
        id="gemini-thought",
        why="failure mode 24: Gemini marks its summaries, and puts them between tags of its own",
        events=thought("Let me ", "think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="details-signed",
        why="failure mode 22: put together, signature and all, within ours",
        events=said(
            *thinking(0, "Let me ", "think.", signature=sealed({**CLAUDE, "signature": "EqQB"})), *text(1, "Done.")
        ),
        message=whole(
            thinking_block("Let me think.", sealed({**CLAUDE, "signature": "EqQB"})),
            text_block("Done."),
            stop_reason="end_turn",
        ),
        traits=OPENROUTER,
    ),
    AnswerCase(
        id="details-encrypted",
        why="failure mode 22: without any text there is a block all the same, before the call it belongs to",
        events=said(
            *thinking(0, signature=sealed(ENCRYPTED)), *tool_use(1, A, "get_time", "{}"), stop_reason="tool_use"
        ),
        message=whole(thinking_block("", sealed(ENCRYPTED)), TIME, stop_reason="tool_use"),
        traits=OPENROUTER,
    ),
    AnswerCase(
        id="details-with-text",
        why="they belong to what was thought, not to what was said with it",
        events=said(*thinking(0, "Let me think.", signature=sealed(CLAUDE)), *text(1, "Done.")),
        message=whole(thinking_block("Let me think.", sealed(CLAUDE)), text_block("Done."), stop_reason="end_turn"),
        traits=OPENROUTER,
    ),
    AnswerCase(
        id="details-dropped",
        why="the caller has switched thinking off",
        events=said(*text(0, "Done.")),
        message=whole(text_block("Done."), stop_reason="end_turn"),
        traits=OPENROUTER,
        display="dropped",
    ),
    AnswerCase(
        id="details-not-wanted",
        why="an upstream that does not want them back",
        events=thought("Let me think."),
        message=THOUGHT,
    ),
    AnswerCase(
        id="details-behind-a-match",
        why="after a stop sequence nothing counts",
        events=[*begin(), *text(0, "Done. "), *end("stop_sequence", usage(9, 2), stop_sequence="STOP")],
        message=whole(text_block("Done. "), stop_reason="stop_sequence", stop_sequence="STOP", counters=usage(9, 2)),
        traits=OPENROUTER,
        stop_sequences=["STOP"],
        is_cut=True,
    ),
]
