"""Puts reasoning back where it stood: only its maker's own, once, before something of the same turn."""

from typing import Any

from translator.anthropic.blocks import ThinkingBlock
from translator.signatures import unseal, unseal_encrypted
from translator.traits import Traits


class ReasoningItems:
    """The reasoning of a conversation. What nothing follows yet is kept back."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._sent: set[str] = set()
        self._waiting: list[dict[str, Any]] = []

    def add(self, block: ThinkingBlock) -> None:
        """A block of thinking; what this upstream cannot use is left out."""
        if self._traits.reasoning_replay == "encrypted":
            self._waiting += self._encrypted(block)
        elif self._traits.reasoning_replay == "text" and (text := unseal(block.thinking, block.signature)):
            content = [{"type": "reasoning_text", "text": text}]
            self._waiting.append({"type": "reasoning", "summary": [], "content": content})

    def before(self) -> list[dict[str, Any]]:
        """What stands before the next item."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def forget_trailing(self) -> None:
        """The turn is over: reasoning at its end would be refused."""
        self._waiting = []

    def _encrypted(self, block: ThinkingBlock) -> list[dict[str, Any]]:
        sealed = unseal_encrypted(block.signature)
        if sealed is None or sealed.scope != self._traits.reasoning_scope or sealed.content in self._sent:
            return []
        self._sent.add(sealed.content)
        summary = [{"type": "summary_text", "text": block.thinking}] if block.thinking else []
        return [{"type": "reasoning", "summary": summary, "encrypted_content": sealed.content}]
