"""Claude Code with the small prompt that a small model's context has room for."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeway.small_model import CONTEXT_WINDOW
from tests.clients import claude_code
from tests.real.asking import MODEL
from tests.real.conftest import REPORT, from_npm
from tests.running import Gateway

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


def test_claude_bare(gateway: Gateway, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    from_npm(claude_code.BIN)
    variables = {
        "ANTHROPIC_API_KEY": gateway.key,
        "ANTHROPIC_MODEL": MODEL,
        "CLAUDE_CODE_MAX_CONTEXT_TOKENS": str(CONTEXT_WINDOW),
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "1000",
        "CLAUDE_CODE_EXTRA_BODY": '{"temperature": 0}',
    }
    options = ("--bare", "--output-format", "json")
    ran = claude_code.run(gateway, "Say hello.", tmp_path, *options, credentials=variables)
    assert (ran.status, ran.result["is_error"]) == (0, False)
    assert ran.result["result"]
    usage = ran.result["usage"]
    prompt = usage["input_tokens"] + usage["cache_read_input_tokens"]
    assert 500 < prompt < CONTEXT_WINDOW - 1000
    request.config.stash[REPORT].append(
        f"{claude_code.version()} --bare: {prompt} tokens in, {usage['output_tokens']} out, {ran.seconds:.1f} s"
    )
