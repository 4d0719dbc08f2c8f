"""Requests that do not fit, in the words of every vendor (wire.md 7; failure modes 7, 19; fixture 11)."""

from typing import Any

from translator.anthropic.errors import Fault

from tests.vectors.refusals import ESTIMATE, RefusalCase, body, openai

LESS = "decrease input length or `max_tokens` and try again"
OPENAI = "This model's maximum context length is 128000 tokens. However, "


def too_long(
    identity: str,
    why: str,
    said: str,
    *,
    size: int = 150_000,
    limit: int = 128_000,
    status: int = 400,
    answer: Any = None,
    window: int | None = None,
    own: int = ESTIMATE,
) -> RefusalCase:
    """The prompt is too long: Claude Code compacts on these words only."""
    return RefusalCase(
        id=f"too-long-{identity}",
        why=f"failure mode 7: {why}",
        status=status,
        body=openai(said) if answer is None else body(answer),
        error_type="invalid_request_error",
        message=f"prompt is too long: {size} tokens > {limit} maximum ({said})",
        sent_status=400,
        sent_headers={"x-should-retry": "false"},
        fault=Fault.CALLER,
        context_window=window,
        input_tokens=own if window is None else window // 2,
    )


def answer_too_long(identity: str, why: str, said: str, sums: str) -> RefusalCase:
    """The prompt would fit, the answer asked for would not: Claude Code asks for less on these words only."""
    return RefusalCase(
        id=f"answer-too-long-{identity}",
        why=f"failure mode 7: {why}",
        status=400,
        body=openai(said),
        error_type="invalid_request_error",
        message=f"input length and `max_tokens` exceed context limit: {sums}, {LESS}",
        sent_status=400,
        fault=Fault.CALLER,
    )


CASES = [
    too_long(
        "openai",
        "OpenAI and Azure",
        f"{OPENAI}your messages resulted in 150000 tokens. Please reduce it.",
    ),
    too_long(
        "openai-with-tools",
        "the functions count as well",
        f"{OPENAI}your messages resulted in 150000 tokens (140000 in the messages, 10000 in the functions).",
    ),
    too_long("deepseek", "DeepSeek", f"{OPENAI}you requested 150000 tokens. Please reduce the length."),
    too_long(
        "vllm",
        "vLLM, without an inner object",
        "This model's maximum context length is 128000 tokens. However, your request has 150000 input tokens.",
        answer={
            "object": "error",
            "message": "This model's maximum context length is 128000 tokens. "
            "However, your request has 150000 input tokens.",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    too_long("copilot", "GitHub Copilot", "prompt token count of 150000 exceeds the limit of 128000"),
    too_long(
        "gemini",
        "Gemini wraps its errors in a list",
        "The input token count (150000) exceeds the maximum number of tokens allowed (128000).",
        answer=[
            {
                "error": {
                    "code": 400,
                    "message": "The input token count (150000) exceeds the maximum number of tokens allowed (128000).",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
    ),
    too_long(
        "gemini-bare",
        "and writes it without brackets",
        "The input token count 150000 exceeds the maximum number of tokens allowed 128000.",
    ),
    too_long(
        "llama-cpp",
        "llama.cpp",
        "request (150000 tokens) exceeds the available context size (128000 tokens), try increasing it",
    ),
    too_long(
        "llama-cpp-with-numbers-beside",
        "older ones give the numbers beside the message, and 500 as the status",
        "the request exceeds the available context size, try increasing it",
        status=500,
        answer={
            "error": {
                "code": 500,
                "message": "the request exceeds the available context size, try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 150_000,
                "n_ctx": 128_000,
            }
        },
    ),
    too_long(
        "anthropic",
        "Anthropic's own words, through another gateway",
        "prompt is too long: 150000 tokens > 128000 maximum",
    ),
    too_long(
        "mistral",
        "Mistral",
        "Prompt contains 150000 tokens and 0 draft tokens, too large for model with 128000 maximum context length",
    ),
    too_long(
        "sglang", "SGLang", "The input (150000 tokens) is longer than the model's context length (128000 tokens)."
    ),
    too_long(
        "sglang-length", "SGLang", "Input length (150000 tokens) exceeds the maximum allowed length (128000 tokens)."
    ),
    too_long("xai", "xAI", "This model's maximum prompt length is 128000 but the request contains 150000 tokens."),
    too_long(
        "moonshot", "Moonshot", "Invalid request: Your request exceeded model token limit: 128000 (requested: 150000)"
    ),
    too_long(
        "tgi", "Hugging Face", "Input validation error: `inputs` must have less than 128000 tokens. Given: 150000"
    ),
    too_long(
        "in-both",
        "the prompt alone is too long, whatever answer was asked for",
        f"{OPENAI}you requested 182000 tokens (150000 in the messages, 32000 in the completion).",
    ),
    too_long(
        "alibaba",
        "the limit only: the size is our estimate, but above the limit",
        "Range of input length should be [1, 128000]",
        size=128_001,
    ),
    too_long(
        "limit-only",
        "the limit only",
        "Requested token count exceeds the model's maximum context length of 128000 tokens.",
        size=128_001,
    ),
    too_long(
        "fireworks",
        "Fireworks, and Ollama's cloud",
        "The prompt is too long: 150000, model maximum context length: 128000",
    ),
    too_long(
        "cohere",
        "Cohere",
        "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 150000. Try using a "
        "shorter prompt, or enabling prompt truncating.",
        answer={
            "message": "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 150000. "
            "Try using a shorter prompt, or enabling prompt truncating."
        },
    ),
    too_long(
        "cohere-limit-only",
        "Cohere: the limit only",
        "too many tokens: total number of tokens in the prompt cannot exceed 128000",
        size=128_001,
    ),
    too_long(
        "lm-studio",
        "LM Studio: what it must keep of the prompt is all of it",
        "Trying to keep the first 150000 tokens when context the overflows. However, the model is loaded with context "
        "length of only 128000 tokens, which is not enough. Try to load the model with a larger context length, or "
        "provide a shorter input",
    ),
    too_long(
        "lm-studio-bare",
        "LM Studio, as a bare text",
        "Cannot truncate prompt with n_keep (150000) >= n_ctx (128000)",
        answer={"error": "Cannot truncate prompt with n_keep (150000) >= n_ctx (128000)"},
    ),
    too_long(
        "lm-studio-in-words",
        "LM Studio, with the numbers in brackets",
        "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 150000>= "
        "n_ctx: 128000). Try to load the model with a larger context length, or provide a shorter input.",
    ),
    too_long(
        "lm-studio-without-numbers",
        "LM Studio: no numbers, but the window is known",
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the "
        "model with a larger context length, or provide a shorter input",
        size=128_001,
        window=128_000,
    ),
    too_long(
        "llama-cpp-python",
        "llama-cpp-python",
        "Requested tokens (150000) exceed context window of 128000",
        status=500,
    ),
    too_long(
        "llama-cpp-without-numbers",
        "llama.cpp, where it finds out late",
        "Context size has been exceeded.",
        size=128_001,
        window=128_000,
        status=500,
    ),
    too_long(
        "per-minute",
        "failure mode 19: the prompt alone is more than a minute allows, as far as we can tell",
        "Request too large for model `m` on tokens per minute (TPM): Limit 80, Requested 9000, please reduce it.",
        size=90,
        limit=80,
        own=90,
        status=413,
    ),
    too_long("moonshot-limit-only", "the limit only", "Your request exceeded model token limit: 128000", size=128_001),
    too_long(
        "no-numbers",
        "no numbers, but the window is known",
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        size=200_001,
        limit=200_000,
        window=200_000,
    ),
    too_long(
        "no-numbers-at-all",
        "no numbers, and nothing known: our estimate stands for the size",
        "input is too long for requested model",
        size=ESTIMATE,
        limit=ESTIMATE - 1,
    ),
    too_long(
        "minimax", "MiniMax", "invalid params, context window exceeds limit (2013)", size=ESTIMATE, limit=ESTIMATE - 1
    ),
    too_long("glm", "GLM", "Prompt exceeds max length", size=ESTIMATE, limit=ESTIMATE - 1),
    too_long(
        "by-code",
        "the code says it where the words do not",
        "Please reduce the length of the messages or completion.",
        size=ESTIMATE,
        limit=ESTIMATE - 1,
        answer={
            "error": {
                "message": "Please reduce the length of the messages or completion.",
                "code": "context_length_exceeded",
            }
        },
    ),
    too_long(
        "as-413",
        "whatever the status",
        "prompt is too long: 150000 tokens > 128000 maximum",
        status=413,
    ),
    too_long(
        "with-endless-digits",
        "a number that nobody could count is none",
        f"This model's maximum context length is {'9' * 20} tokens",
        size=ESTIMATE,
        limit=ESTIMATE - 1,
    ),
    too_long(
        "llama-cpp-by-type",
        "its type says it where the words do not",
        "the request is too large",
        answer={
            "error": {
                "message": "the request is too large",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 150_000,
                "n_ctx": 128_000,
            }
        },
    ),
    answer_too_long(
        "openai",
        "OpenAI, DeepSeek, older vLLM",
        f"{OPENAI}you requested 132000 tokens (100000 in the messages, 32000 in the completion).",
        "100000 + 32000 > 128000",
    ),
    answer_too_long(
        "openai-with-functions",
        "what the functions take is part of the prompt",
        f"{OPENAI}you requested 132000 tokens (90000 in the messages, 10000 in the functions, "
        "and 32000 in the completion).",
        "100000 + 32000 > 128000",
    ),
    answer_too_long(
        "openrouter",
        "OpenRouter",
        "This endpoint's maximum context length is 128000 tokens. However, you requested about 132000 tokens "
        "(60000 of text input, 40000 of tool input, 32000 in the output).",
        "100000 + 32000 > 128000",
    ),
    answer_too_long(
        "vllm",
        "vLLM",
        "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 128000 "
        "tokens and your request has 100000 input tokens (32000 > 128000 - 100000).",
        "100000 + 32000 > 128000",
    ),
    answer_too_long(
        "sglang",
        "SGLang",
        "Requested token count exceeds the model's maximum context length of 128000 tokens. You requested a total of "
        "132000 tokens: 100000 tokens from the input messages and 32000 tokens for the completion.",
        "100000 + 32000 > 128000",
    ),
    answer_too_long(
        "tgi",
        "Hugging Face",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
        "Given: 3000 `inputs` tokens and 2000 `max_new_tokens`",
        "3000 + 2000 > 4096",
    ),
    answer_too_long(
        "groq",
        "Groq: a limit per minute, to which the answer counts in full; the prompt is our estimate",
        "Request too large for model `openai/gpt-oss-120b` in organization `org` service tier `on_demand` on tokens "
        "per minute (TPM): Limit 8000, Requested 8096, please reduce your message size and try again.",
        f"{ESTIMATE} + {8096 - ESTIMATE} > 8000",
    ),
    answer_too_long(
        "openai-per-minute",
        "OpenAI's words for the same",
        "Request too large for gpt-4.1 in organization org on tokens per min (TPM): Limit 30000, Requested 32100. The "
        "input or output tokens must be reduced in order to run successfully.",
        f"{ESTIMATE} + {32_100 - ESTIMATE} > 30000",
    ),
    answer_too_long(
        "anthropic",
        "Anthropic's own words, through another gateway",
        "input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000, decrease input length",
        "190000 + 32000 > 200000",
    ),
]
