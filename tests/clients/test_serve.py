"""Claude Code through `edgeway serve`, with a key of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients import claude_code
from tests.running import Upstream, running_server

pytestmark = pytest.mark.clients


def test_claude_code_works_with_tools(upstream: Upstream, tmp_path: Path) -> None:
    file = tmp_path / "work" / "note.txt"
    prompt = f"Write the note. [[play:write-then-echo]] [[file:{file}]]"
    with running_server(upstream) as gateway:
        ran = claude_code.run(gateway, prompt, tmp_path, credentials={"ANTHROPIC_AUTH_TOKEN": gateway.key})
    assert (ran.status, ran.result["result"]) == (0, f"All done: {upstream.nonce()}")
    assert file.read_text() == f"the nonce is {upstream.nonce()}\n"
