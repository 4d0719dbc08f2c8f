"""Writes blocks one at a time: what begins while a tool call or a search is incomplete waits its turn.

Upstreams interleave calls, Anthropic does not.
"""

from typing import Any

from translator.anthropic.events import ContentBlockDelta, Event
from translator.stream.answer_blocks import Block, Text, ToolUse, WebSearchToolResult


class BlockQueue:
    """Holds the blocks. At most one is open; the others wait in the order of their beginning."""

    def __init__(self, last: int = -1) -> None:
        self._before = last
        """The index of the last block of an earlier answer that began the message."""
        self._open: Block | None = None
        self._waiting: list[Block] = []
        self.last: Block | None = None
        """The block that the next piece of its kind continues."""
        self.index = last
        """The index of the block that was opened last."""

    @property
    def is_empty(self) -> bool:
        """Tell whether no block has begun."""
        return self.index == self._before and not self._waiting

    def end_last(self) -> None:
        """End the last block: the next piece starts another one, even of the same kind."""
        self.last = None

    def takes(self, block: Block) -> bool:
        """Tell whether more of the block can be sent now."""
        return block is self._open or block in self._waiting

    def begin(self, block: Block, piece: str) -> list[Event]:
        """Begin a block with its first piece."""
        if piece := block.halves.feed(piece):
            block.pieces.append(piece)
        self._waiting.append(block)
        self.last = block
        return self.advance()

    def go_on(self, block: Block, *pieces: str) -> list[Event]:
        """Add pieces to a block that is open or waits."""
        whole = block.halves.feed_all(pieces)
        if block is not self._open:
            block.pieces += whole
            return []
        if isinstance(block, Text):  # as nearly always; nobody asks for what it has said
            return [
                {"type": "content_block_delta", "index": self.index, "delta": {"type": "text_delta", "text": piece}}
                for piece in whole
            ]
        block.pieces += whole
        return [
            {"type": "content_block_delta", "index": self.index, "delta": delta}
            for piece in whole
            if (delta := block.delta(piece)) is not None
        ]

    def advance(self) -> list[Event]:
        """Close the finished blocks and open the waiting ones, up to one that must stay open."""
        events: list[Event] = []
        while self._waiting and not self._must_wait(self._waiting[0]):
            events += self._close_block()
            events += self._open_next()
        return events

    def _must_wait(self, block: Block) -> bool:
        """For the open call to be complete, or for what came of a search, which stands before what was said of it."""
        if isinstance(self._open, ToolUse) and not self._open.is_closed():
            return True
        return isinstance(block, WebSearchToolResult) and block.outcome is None

    def close(self) -> list[Event]:
        """Send all that waits, and close all blocks."""
        events: list[Event] = []
        while self._open or self._waiting:
            events += self._close_block()
            events += self._open_next()
        return events

    def _open_next(self) -> list[Event]:
        if not self._waiting:
            return []
        block = self._waiting.pop(0)
        self._open = block
        self.index += 1
        events: list[Event] = [{"type": "content_block_start", "index": self.index, "content_block": block.start()}]
        so_far = "".join(block.pieces)
        return events + self._delta(block.delta(so_far)) if so_far else events

    def _close_block(self) -> list[Event]:
        block, self._open = self._open, None
        if block is None:
            return []
        half = block.halves.flush()
        if half:
            block.pieces.append(half)
        events = self._delta(block.delta(half)) if half else []
        events += self._delta(block.last_delta())
        events.append({"type": "content_block_stop", "index": self.index})
        return events

    def _delta(self, delta: dict[str, Any] | None) -> list[Event]:
        if delta is None:
            return []
        event: ContentBlockDelta = {"type": "content_block_delta", "index": self.index, "delta": delta}
        return [event]
