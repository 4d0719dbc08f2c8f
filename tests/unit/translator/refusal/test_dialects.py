"""What a refusal means does not depend on the dialect that it came in."""

from __future__ import annotations

import json

import pytest
from translator.anthropic.request import parse_messages_request
from translator.chat.dialect import ChatDialect
from translator.converse.dialect import ConverseDialect
from translator.dialect import Dialect
from translator.responses.dialect import ResponsesDialect
from translator.traits import Traits

WORDS = "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens in total."


@pytest.mark.parametrize(
    "dialect", [ChatDialect(), ConverseDialect(), ResponsesDialect()], ids=["chat", "converse", "responses"]
)
def test_the_prompt_of_an_overflow_is_told_without_the_answer_that_was_asked_for(dialect: Dialect) -> None:
    request = parse_messages_request(
        {"model": "m", "max_tokens": 500, "messages": [{"role": "user", "content": "Hello"}]}
    )
    body = json.dumps({"error": {"message": WORDS}}).encode()
    error = dialect.error(400, {}, body, request=request, input_tokens=8450, traits=Traits())
    assert (error.status, str(error)) == (400, f"prompt is too long: 8500 tokens > 8192 maximum ({WORDS})")
