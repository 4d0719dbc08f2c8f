"""The two rules of the pipeline, for every kind of piece: it flushes what comes before it, and a cut swallows it."""

import pytest
from translator.anthropic.events import Event
from translator.chat.answer.call_formats import WrittenCall
from translator.chat.answer.pieces import Details, Piece, Refusal, Text, Thinking
from translator.chat.answer.pipeline import Pipeline
from translator.chat.answer.tool_calls import Fragment
from translator.stream.emitter import Emitter
from translator.tool_names import ToolNames
from translator.traits import Traits

from tests.laws import check
from tests.properties.answers import received

PLAIN = Traits()
WRITES = Traits(think_tags="both", written_calls=True)
SUPPOSES = Traits(think_tags="closing")
TOOLS = [{"function": {"name": "look"}}]
HM = Thinking("Hm.")
SEALED = Details([{"type": "reasoning.encrypted", "data": "x"}])
NO = Refusal("No.")
LOOK = Fragment(0, "call_a", "look", "{}", None)
WRITTEN = WrittenCall("look", {})
CALL = ("call of look", "{}")


def sent(pieces: list[Piece], traits: Traits = PLAIN) -> list[tuple[str, str]]:
    """The blocks that the pieces become where END ends an answer."""
    emitter = Emitter(message_id="msg_1", model="m", input_tokens=1)
    pipeline = Pipeline(
        emitter, traits=traits, tool_names=ToolNames(()), stop_sequences=["END"], message_id="msg_1", offered=TOOLS
    )
    events: list[Event] = emitter.start()
    for piece in pieces:
        events += pipeline.feed(piece)
    events += pipeline.flush(has_answered=True) + pipeline.call_opener.open_written()
    if not pipeline.is_cut:
        emitter.finish("tool_use" if emitter.has_tool_calls else "end_turn")
    events += emitter.close()
    check(events)
    return received(events)


@pytest.mark.parametrize(
    ("piece", "blocks"),
    [
        (HM, [("Text", "EN"), ("Thinking", "Hm."), ("Text", "D")]),
        (SEALED, [("Text", "EN"), ("Thinking", ""), ("Text", "D")]),
        (NO, [("Text", "ENNo.D")]),
        (LOOK, [("Text", "EN"), CALL, ("Text", "D")]),
        (WRITTEN, [("Text", "END"), CALL]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_piece_of_another_kind_flushes_what_may_become_a_stop_sequence(
    piece: Piece, blocks: list[tuple[str, str]]
) -> None:
    assert sent([Text("EN"), piece, Text("D")]) == blocks


@pytest.mark.parametrize(
    ("piece", "traits", "blocks"),
    [
        (HM, WRITES, [("Text", "<tool"), ("Thinking", "Hm.")]),
        (SEALED, WRITES, [("Text", "<tool"), ("Thinking", "")]),
        (NO, WRITES, [("Text", "<toolNo.")]),
        (LOOK, WRITES, [("Text", "<tool"), CALL]),
        (HM, SUPPOSES, [("Thinking", "<tool"), ("Text", "<tool"), ("Thinking", "Hm.")]),
        (SEALED, SUPPOSES, [("Thinking", "<tool"), ("Text", "<tool"), ("Thinking", "")]),
        (NO, SUPPOSES, [("Thinking", "<tool"), ("Text", "No.<tool")]),
        (LOOK, SUPPOSES, [("Thinking", "<tool"), CALL]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_piece_of_another_kind_flushes_what_may_become_a_tag(
    piece: Piece, traits: Traits, blocks: list[tuple[str, str]]
) -> None:
    """The upstream's own reasoning means besides that there is none in the text."""
    assert sent([Text("<tool"), piece], traits) == blocks


@pytest.mark.parametrize("piece", [HM, SEALED, NO, LOOK, WRITTEN, Text("more")], ids=lambda piece: type(piece).__name__)
@pytest.mark.parametrize("traits", [PLAIN, WRITES, SUPPOSES], ids=["plain", "writes", "supposes"])
def test_once_cut_it_swallows_everything(piece: Piece, traits: Traits) -> None:
    opening = [Text("Hm.</think>")] if traits is SUPPOSES else []
    answer: list[Piece] = [*opening, Text("So be it. END")]
    assert sent([*answer, piece], traits) == sent(answer, traits)
    assert sent(answer, traits)[-1] == ("Text", "So be it. ")


def test_a_call_that_waits_for_its_signature_opens_before_anything_else() -> None:
    signed = Traits(thought_signature="google")
    for piece, block in ((HM, ("Thinking", "Hm.")), (NO, ("Text", "No.")), (Text("So."), ("Text", "So."))):
        assert sent([LOOK, piece], signed) == [CALL, block]
