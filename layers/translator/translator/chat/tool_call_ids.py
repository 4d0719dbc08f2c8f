"""The ids under which an upstream meets its own tool calls again."""

from hashlib import sha256
from re import compile as compile_pattern

from translator.anthropic.blocks import ToolUseBlock
from translator.anthropic.request import Message
from translator.tool_ids import unwrap
from translator.traits import Traits

_MAX_LENGTH = 40
_LEGAL = compile_pattern(rf"[A-Za-z0-9_:.-]{{1,{_MAX_LENGTH}}}")
_ALPHANUMERIC_9 = compile_pattern(r"[A-Za-z0-9]{9}")


def upstream_ids(messages: list[Message], traits: Traits) -> dict[str, str]:
    """For every tool_use id of the conversation the upstream's: its own where it is legal and used only once."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for message in messages:
        for block in message.content:
            if isinstance(block, ToolUseBlock) and block.id not in ids:
                own = unwrap(block.id)
                candidate = own.upstream_id if own else block.id
                if candidate in taken or not _is_legal(candidate, traits):
                    candidate = _stable_id(block.id, traits)
                taken.add(candidate)
                ids[block.id] = candidate
    return ids


def _is_legal(candidate: str, traits: Traits) -> bool:
    pattern = _ALPHANUMERIC_9 if traits.tool_call_id == "alphanumeric_9" else _LEGAL
    return pattern.fullmatch(candidate) is not None


def _stable_id(tool_use_id: str, traits: Traits) -> str:
    digest = sha256(tool_use_id.encode("utf-8", "replace")).hexdigest()
    return digest[:9] if traits.tool_call_id == "alphanumeric_9" else f"call_{digest[:24]}"
