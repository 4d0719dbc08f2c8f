"""What a gateway can mend of refusals and empty answers, against the scripted upstream that plays them by name."""

from __future__ import annotations

import json

import pytest

from tests.integration.gateway.conftest import Start
from tests.laws import check, decode, text_of
from tests.unit.functions.functions import read_event
from tests.upstreams.mended_request import mended_request
from tests.upstreams.refused import MENDED


@pytest.mark.failure_mode(33)
@pytest.mark.failure_mode(35)
@pytest.mark.failure_mode(49)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("play", MENDED)
def test_the_session_goes_on(play: str, stream: bool, start: Start, key: str) -> None:
    body = json.dumps(mended_request(f"{play}#{stream}", stream=stream))
    answer = start("messages").call({**read_event("messages-hello", key), "body": body})
    assert answer.status == 200
    if stream:
        events = decode(answer.body.encode())
        check(events)
        said = text_of(events)
    else:
        said = "".join(block["text"] for block in answer.json()["content"] if block["type"] == "text")
        assert answer.headers["x-edgeway-attempts"] == str(MENDED[play].calls)
    assert said == "Hello from the upstream"
