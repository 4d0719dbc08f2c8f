"""Error bodies as upstreams write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def error(message: str, **more: Any) -> dict[str, Any]:
    """The body of an OpenAI error."""
    return {"error": {"message": message, "type": "server_error", "param": None, "code": None, **more}}


LIMIT = "This model's maximum context length is 128000 tokens. However, "
SHORTEN = "Please reduce the length of the messages."

# Every known way to say that the prompt does not fit.
OVERFLOWS: Mapping[str, Any] = {
    "openai": error(
        f"{LIMIT}your messages resulted in 150000 tokens. {SHORTEN}",
        type="invalid_request_error",
        param="messages",
        code="context_length_exceeded",
    ),
    "openai-window": error(
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        type="invalid_request_error",
        code="context_length_exceeded",
    ),
    "copilot": error(
        "prompt token count of 150000 exceeds the limit of 128000", code="model_max_prompt_tokens_exceeded"
    ),
    "vllm": {
        "object": "error",
        "message": f"{LIMIT}you requested 150000 tokens in the messages, {SHORTEN}",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    },
    "sglang": error("The input (150000 tokens) is longer than the model's context length (128000 tokens)."),
    "llama-cpp": {
        "error": {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 150000,
            "n_ctx": 128000,
        }
    },
    "gemini": [
        {
            "error": {
                "code": 400,
                "message": "The input token count (150000) exceeds the maximum number of tokens allowed (128000).",
                "status": "INVALID_ARGUMENT",
            }
        }
    ],
    "mistral": {
        "object": "error",
        "message": "Prompt contains 150000 tokens and 0 draft tokens, "
        "too large for model with 128000 maximum context length",
        "type": "invalid_request_prompt",
        "code": "3051",
    },
    "lm-studio": {"error": "Cannot truncate prompt with n_keep (150000) >= n_ctx (128000)"},
    "cohere": {
        "id": "1",
        "message": "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 150000.",
    },
    # the prompt would fit, the answer that was asked for does not
    "max-tokens": error(
        f"{LIMIT}you requested 132000 tokens (100000 in the messages, 32000 in the completion). {SHORTEN}",
        type="invalid_request_error",
        code="context_length_exceeded",
    ),
}
