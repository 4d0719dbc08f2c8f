"""A real small model: SmolLM2 135M behind llama.cpp's own OpenAI-compatible server, from two wheels.

Nothing of it is installed before it is asked for, and nothing into Edgeway's own environment.
"""

from typing import Final

MODEL: Final = "smollm2"
NAME: Final = "SmolLM2 135M Instruct"
CONTEXT_WINDOW: Final = 8192
"""Tokens, prompt and answer together, for each of the callers that are served at once."""
CALLERS_AT_ONCE: Final = 2
DOWNLOAD_MEGABYTES: Final = 127

ABILITIES: Final = (
    "It is a real language model, of 135 million parameters: it writes fluent English and is often wrong.",
    "It streams, answers in a JSON schema, keeps to stop sequences, and calls a tool once it has seen how.",
    f"It cannot run Claude Code's full prompt, 12,000 tokens and more, in its {CONTEXT_WINDOW}: use `claude --bare`.",
    "It cannot do an agent's work, see images or think before it answers.",
)
"""For people who are about to use it."""
