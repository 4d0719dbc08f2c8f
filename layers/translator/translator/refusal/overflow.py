"""The words in which upstreams say that a request does not fit, with the numbers where they give them.

Clients recognise only Anthropic's own words and act on them: they compact a prompt that is too long, and ask for less
where only the answer would not fit. So every other wording must be known here.
"""

import re
from typing import NamedTuple


class Overflow(NamedTuple):
    """Tokens, in so far as the upstream names them."""

    prompt: int | None = None
    limit: int | None = None
    """The context window."""
    completion: int | None = None
    """What the answer may take: the prompt alone would have fitted."""
    total: int | None = None
    """Prompt and answer together, where nothing is said of how it falls apart."""


_PROMPT = r"(?P<prompt>\d{1,15})(?!\d)"
_LIMIT = r"(?P<limit>\d{1,15})(?!\d)"
_TOTAL = r"(?P<total>\d{1,15})(?!\d)"
_COMPLETION = r"(?P<completion>\d{1,15})(?!\d)"

_WORDINGS = {
    # The prompt and the answer do not fit together.
    "Anthropic's other": rf"max_tokens` exceed context limit: {_PROMPT} \+ {_COMPLETION} > {_LIMIT}",
    "vLLM's other": rf"too large: {_COMPLETION}\..*?maximum context length is {_LIMIT} tokens.*?has {_PROMPT} input",
    "OpenAI's other": rf"context length is {_LIMIT} tokens.*?requested (?:about )?{_TOTAL} tokens \(.*?"
    rf"{_COMPLETION} (?:in|for) the (?:completion|output)",
    "SGLang's other": rf"maximum context length of {_LIMIT} tokens.*?a total of {_TOTAL} tokens.*?"
    rf"{_COMPLETION} tokens for the completion",
    "TGI's other": rf"must be <= {_LIMIT}\. Given: {_PROMPT} `inputs` tokens and {_COMPLETION} `max_new_tokens`",
    # A limit per minute, which the request exceeds alone; the answer asked for counts in full.
    "Groq, OpenAI": rf"request too large for .*?(?<!output )tokens per min.*?limit {_LIMIT}, requested {_TOTAL}",
    # The prompt alone does not fit.
    "OpenAI": rf"maximum context length is {_LIMIT} tokens.*?resulted in (?:about )?{_PROMPT}",
    "DeepSeek": rf"maximum context length is {_LIMIT} tokens.*?requested (?:about )?{_PROMPT}",
    "vLLM": rf"maximum context length is {_LIMIT} tokens.*?request has {_PROMPT} input tokens",
    "Copilot, Azure": rf"prompt token count of {_PROMPT} exceeds the limit of {_LIMIT}",
    "Gemini": rf"input token count \(?{_PROMPT}\)? exceeds the maximum number of tokens allowed \(?{_LIMIT}",
    "llama.cpp": rf"\({_PROMPT} tokens\) exceeds the available context size \({_LIMIT} tokens\)",
    "Anthropic": rf"prompt is too long: {_PROMPT} tokens > {_LIMIT}",
    "Mistral": rf"prompt contains {_PROMPT} tokens.*?with {_LIMIT} maximum context length",
    "SGLang": rf"input length \({_PROMPT} tokens\) exceeds .*?length \({_LIMIT} tokens\)",
    "SGLang, Together": rf"input \({_PROMPT} tokens\) is longer than the model's context length \({_LIMIT} tokens\)",
    "xAI": rf"maximum prompt length is {_LIMIT} but the request contains {_PROMPT}",
    "Moonshot": rf"exceeded model token limit: {_LIMIT}(?: \(requested: {_PROMPT}\))?",
    "TGI": rf"`inputs` must have less than {_LIMIT} tokens\. Given: {_PROMPT}",
    "Alibaba": rf"range of input length should be \[\d+, {_LIMIT}\]",
    "Fireworks, Ollama": rf"prompt is too long: {_PROMPT}, model maximum context length: {_LIMIT}",
    "Cohere": rf"tokens in the prompt cannot exceed {_LIMIT}(?: - received {_PROMPT})?",
    "LM Studio": rf"keep the first {_PROMPT} tokens when.*?context length of only {_LIMIT} tokens",
    "LM Studio's other": rf"n_keep:? \(?{_PROMPT}\)? ?>= n_ctx:? \(?{_LIMIT}",
    "llama-cpp-python": rf"requested tokens \({_PROMPT}\) exceed context window of {_LIMIT}",
    "limit only": rf"maximum context length (?:is|of) {_LIMIT}",
    "OpenAI's code": r"context[_ ]length[_ ]exceeded",
    "llama.cpp's type": r"exceed_context_size_error",
    "OpenAI Responses": r"exceeds the (?:model's )?context window",
    "no numbers": r"maximum context length|longer than the model's context length|exceeds? the available context size",
    "LM Studio without numbers": r"tokens to keep from the initial prompt is greater than the context length",
    "llama.cpp, in a stream": r"context size has been exceeded",
    "MiniMax": r"context window exceeds limit",
    "GLM": r"prompt exceeds max length",
    "Bedrock": r"(?:prompt|input) is too long",
}

_PATTERNS = tuple(re.compile(wording, re.IGNORECASE | re.DOTALL) for wording in _WORDINGS.values())


def find_overflow(message: str) -> Overflow | None:
    """The overflow that a message speaks of; None where it speaks of something else."""
    for pattern in _PATTERNS:
        match = pattern.search(message)
        if match:
            found = {name: int(number) for name, number in match.groupdict().items() if number}
            completion, total = found.get("completion"), found.get("total")
            if total is not None and completion is not None:
                return Overflow(total - completion, found.get("limit"), completion)
            return Overflow(found.get("prompt"), found.get("limit"), completion, total)
    return None
