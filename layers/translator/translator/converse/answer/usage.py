"""Reads Converse's token counts: as in Anthropic's, the cached tokens stand beside the input tokens.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
"""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import Usage
from translator.tokens.reported import read_count


def read_usage(counts: Mapping[str, Any]) -> Usage | None:
    """What has been counted; None where that is nothing. What is missing or no count is 0."""
    usage = Usage(
        input_tokens=read_count(counts, "inputTokens") or 0,
        output_tokens=read_count(counts, "outputTokens") or 0,
        cache_creation_input_tokens=read_count(counts, "cacheWriteInputTokens") or 0,
        cache_read_input_tokens=read_count(counts, "cacheReadInputTokens") or 0,
    )
    return usage if usage.whole_input or usage.output_tokens else None
