"""Half a character at the end of a piece waits for the other half, and is replaced where none comes."""

from collections.abc import Sequence

from translator.anthropic.events import Event
from translator.stream.answer_blocks import Text
from translator.stream.block_queue import BlockQueue


def texts(events: Sequence[Event]) -> list[object]:
    return [event["delta"] for event in events if event["type"] == "content_block_delta"]


def test_a_half_waits_for_the_other() -> None:
    queue, block = BlockQueue(), Text()
    queue.begin(block, "a")
    assert queue.go_on(block, "\ud83d") == []
    assert texts(queue.go_on(block, "\ude00")) == [{"type": "text_delta", "text": "\N{GRINNING FACE}"}]


def test_a_half_that_stays_alone_is_replaced_at_the_end() -> None:
    queue, block = BlockQueue(), Text()
    queue.begin(block, "a")
    queue.go_on(block, "\ud83d")
    assert texts(queue.close()) == [{"type": "text_delta", "text": "\N{REPLACEMENT CHARACTER}"}]
