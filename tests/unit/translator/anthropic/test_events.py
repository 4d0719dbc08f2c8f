"""The short way of encoding pieces of text writes what the JSON encoder would."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translator.anthropic.events import encode_events

DELTAS = [("text_delta", "text"), ("thinking_delta", "thinking"), ("input_json_delta", "partial_json")]


@pytest.mark.parametrize(("kind", "name"), [*DELTAS, ("signature_delta", "signature")])
@given(piece=st.text(st.characters()), index=st.integers(0, 1000))
def test_a_delta_is_encoded_exactly(kind: str, name: str, piece: str, index: int) -> None:
    event: Any = {"type": "content_block_delta", "index": index, "delta": {"type": kind, name: piece}}
    data = json.dumps(event, separators=(",", ":"))
    assert encode_events([event]) == f"event: content_block_delta\ndata: {data}\n\n".encode()
