"""Reasoning in Converse: asked for, and given back to who has signed it."""

import json
from typing import Any

from translator.anthropic.blocks import ThinkingBlock
from translator.anthropic.request import MessagesRequest
from translator.dialect import Caller
from translator.prompt.effort import asked_effort, explicit_effort, nearest_effort
from translator.signatures import unseal_encrypted
from translator.traits import Traits


def encode_reasoning(request: MessagesRequest, traits: Traits, caller: Caller) -> tuple[dict[str, Any], list[str]]:
    """The fields beside Converse's own, and the names of what asks for reasoning that will not be.

    Converse has no field for it, Nova 2 has: what nobody asks for is off.
    https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html
    """
    wanted = asked_effort(request, is_claude_code=caller.is_claude_code)
    if wanted in (None, "none"):
        return {}, []
    effort = nearest_effort(wanted, traits.efforts)
    if effort is not None and traits.thinking == "asked" and traits.thinking_toggle == "reasoningConfig":
        return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}}, []
    asking = {"thinking": request.thinking, "output_config.effort": explicit_effort(request)}
    return {}, [name for name, value in asking.items() if value is not None]


def replayed(block: ThinkingBlock, traits: Traits) -> list[dict[str, Any]]:
    """The block as its maker has signed it; nothing of what another has made, or nobody can verify.

    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ReasoningTextBlock.html
    """
    sealed = unseal_encrypted(block.signature)
    if sealed is None or sealed.scope != traits.reasoning_scope or traits.reasoning_replay == "off":
        return []
    try:
        content = json.loads(sealed.content)
    except (ValueError, RecursionError):
        return []
    return [{"reasoningContent": content}] if isinstance(content, dict) else []
