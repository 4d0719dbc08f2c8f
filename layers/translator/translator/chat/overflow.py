"""The words in which upstreams say that a prompt does not fit, with the numbers where they give them.

Clients recognise only Anthropic's own words and compact on them, so every other wording must be known here.
"""

import re
from typing import NamedTuple


class Overflow(NamedTuple):
    """Tokens of the prompt and of the context window, where the upstream names them."""

    size: int | None
    limit: int | None


_WORDINGS = {
    "OpenAI": r"maximum context length is (?P<limit>\d+) tokens.*?resulted in (?:about )?(?P<size>\d+)",
    "DeepSeek": r"maximum context length is (?P<limit>\d+) tokens.*?requested (?:about )?(?P<size>\d+)",
    "vLLM": r"maximum context length is (?P<limit>\d+) tokens.*?request has (?P<size>\d+) input tokens",
    "Copilot, Azure": r"prompt token count of (?P<size>\d+) exceeds the limit of (?P<limit>\d+)",
    "Gemini": r"input token count \(?(?P<size>\d+)\)? exceeds the maximum number of tokens allowed \(?(?P<limit>\d+)",
    "llama.cpp": r"\((?P<size>\d+) tokens\) exceeds the available context size \((?P<limit>\d+) tokens\)",
    "Anthropic": r"prompt is too long: (?P<size>\d+) tokens > (?P<limit>\d+)",
    "Mistral": r"prompt contains (?P<size>\d+) tokens.*?with (?P<limit>\d+) maximum context length",
    "SGLang": r"input length \((?P<size>\d+) tokens\) exceeds .*?length \((?P<limit>\d+) tokens\)",
    "limit only": r"maximum context length (?:is|of) (?P<limit>\d+)",
    "OpenAI's code": r"context[_ ]length[_ ]exceeded",
    "OpenAI Responses": r"exceeds the (?:model's )?context window",
    "no numbers": r"maximum context length|longer than the model's context length|exceeds? the available context size",
    "Bedrock": r"(?:prompt|input) is too long",
}

_PATTERNS = tuple(re.compile(wording, re.IGNORECASE | re.DOTALL) for wording in _WORDINGS.values())


def find_overflow(message: str) -> Overflow | None:
    """The overflow that a message speaks of; None where it speaks of something else."""
    for pattern in _PATTERNS:
        match = pattern.search(message)
        if match:
            found = match.groupdict()
            size, limit = found.get("size"), found.get("limit")
            return Overflow(int(size) if size else None, int(limit) if limit else None)
    return None
