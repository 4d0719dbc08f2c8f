"""The words in which upstreams say that a prompt does not fit, with the numbers where they give them.

Clients recognise only Anthropic's own words and compact on them, so every other wording must be known here.
"""

import re
from typing import NamedTuple


class Overflow(NamedTuple):
    """Tokens, in so far as the upstream names them."""

    prompt: int | None
    limit: int | None
    """The context window."""
    completion: int | None
    """What the answer may take: the prompt alone would have fitted."""


_WORDINGS = {
    "OpenAI, prompt and answer": r"maximum context length is (?P<limit>\d+) tokens.*?"
    r"\((?P<prompt>\d+) in the messages, (?P<completion>[1-9]\d*) in the completion",
    "vLLM, prompt and answer": r"too large: (?P<completion>\d+)\. This model's maximum context length is "
    r"(?P<limit>\d+) tokens and your request has (?P<prompt>\d+) input tokens",
    "OpenAI": r"maximum context length is (?P<limit>\d+) tokens.*?resulted in (?:about )?(?P<prompt>\d+)",
    "DeepSeek": r"maximum context length is (?P<limit>\d+) tokens.*?requested (?:about )?(?P<prompt>\d+)",
    "vLLM": r"maximum context length is (?P<limit>\d+) tokens.*?request has (?P<prompt>\d+) input tokens",
    "Copilot, Azure": r"prompt token count of (?P<prompt>\d+) exceeds the limit of (?P<limit>\d+)",
    "Gemini": r"input token count \(?(?P<prompt>\d+)\)? exceeds the maximum number of tokens allowed \(?(?P<limit>\d+)",
    "llama.cpp": r"\((?P<prompt>\d+) tokens\) exceeds the available context size \((?P<limit>\d+) tokens\)",
    "Anthropic": r"prompt is too long: (?P<prompt>\d+) tokens > (?P<limit>\d+)",
    "Mistral": r"prompt contains (?P<prompt>\d+) tokens.*?with (?P<limit>\d+) maximum context length",
    "SGLang": r"input \((?P<prompt>\d+) tokens\) is longer than the model's context length \((?P<limit>\d+) tokens\)",
    "limit only": r"maximum context length (?:is|of) (?P<limit>\d+)",
    "OpenAI's code": r"context[_ ]length[_ ]exceeded",
    "llama.cpp's type": r"exceed_context_size_error",
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
            found = {name: int(number) for name, number in match.groupdict().items() if number}
            return Overflow(found.get("prompt"), found.get("limit"), found.get("completion"))
    return None
