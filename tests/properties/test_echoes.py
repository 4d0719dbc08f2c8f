"""Whatever a caller writes and an upstream repeats of it, in whatever shape: no other key's traits change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
from streaming.event_loop import LeftTasks
from translator.traits import Traits

from tests.loop import run
from tests.unit.gateway.fakes import FakeAnswer, Harness, candidate, fine
from tests.unit.gateway.memories import Environments

Json = dict[str, Any]
MODEL = Traits(fields=frozenset({"temperature", "top_p", "store"}), pdf=True, efforts=("low", "high"))

LURES = (
    "this model does not support images",
    "does not support pdf",
    "Unsupported parameter: 'temperature' is not supported with this model.",
    "temperature",
    "top_p",
    "unsupported_parameter",
    "unknown_parameter",
    "use 'max_completion_tokens' instead",
    "max_tokens must be less than or equal to 2048",
    "reasoning_effort is not supported",
    "insufficient_quota",
)
lure = st.sampled_from(LURES)
written = lure | st.lists(lure | st.text(max_size=12), min_size=2, max_size=3).map(" ".join)
"""What a caller writes in one place."""

PLACES: dict[str, Callable[[str], Json]] = {
    "text": lambda lure: user({"type": "text", "text": lure}),
    "title": lambda lure: user(document(title=lure)),
    "context": lambda lure: user(document(context=lure)),
    "image": lambda lure: user(
        {"type": "image", "source": {"type": "url", "url": f"https://x.test/{quote(lure, errors='replace')}"}}
    ),
    "system": lambda lure: {"system": lure},
    "tool": lambda lure: {"tools": [{"name": lure or "x", "description": lure, "input_schema": {lure: lure}}]},
    "call": lambda lure: {"messages": [{"role": "assistant", "content": [call(lure)]}]},
    "metadata": lambda lure: {"metadata": {"user_id": lure}},
    "model": lambda lure: {"model": lure or "x"},
    "stop": lambda lure: {"stop_sequences": [f"x{lure}"]},
}


def call(lure: str) -> Json:
    return {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {lure: [lure]}}


def user(*blocks: Json) -> Json:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def document(**facts: str) -> Json:
    return {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}, **facts}


SHAPES: tuple[Callable[[str], str], ...] = (
    str.lower,
    str.upper,
    json.dumps,
    lambda said: said[:-1],
    lambda said: said[1:],
    lambda said: " ".join(said.split()),
    lambda said: said.replace(" ", "\n"),
    lambda said: said.replace("'", '"'),
    lambda said: said.partition(" ")[0],
    lambda said: said.rpartition(" ")[2],
)
frames = st.sampled_from(["{}", "Invalid value: '{}'", "{} is unsupported", "Unsupported: {}", "Could not download {}"])


def merged(parts: list[Json]) -> Json:
    """One request with all of it."""
    messages = [message for part in parts for message in part.get("messages", ())]
    return {
        **{name: value for part in parts for name, value in part.items()},
        **({"messages": messages} if messages else {}),
    }


@given(st.data())
def test_no_other_key_s_traits_change(data: st.DataObject) -> None:
    environments = Environments()
    for _ in range(3):
        lures = data.draw(st.lists(written, min_size=1, max_size=3), "written")
        places = [data.draw(st.sampled_from(sorted(PLACES))) for _ in lures]
        echo = st.sampled_from(lures) | st.sampled_from([shape(each) for each in lures for shape in SHAPES])
        error = {
            "message": data.draw(frames).replace("{}", data.draw(echo)),
            "code": data.draw(st.sampled_from([None, "invalid_value", "unsupported_parameter"]) | echo),
            "type": data.draw(st.sampled_from([None, "invalid_request_error"]) | echo),
            "param": data.draw(echo | st.sampled_from([None, "messages[0].content"])),
        }
        refused = FakeAnswer([], 400, body=json.dumps({"error": error}).encode())
        harness = Harness([refused, fine()], ["one"], traits=MODEL, memory=environments.start())
        request = merged([PLACES[place](each) for place, each in zip(places, lures, strict=True)])
        harness.ask(temperature=0.5, top_p=0.5, max_tokens=4096, **request)
    run(LeftTasks().finish(60.0))  # as the runtime does: what has been learnt is written after the answer
    assert run(environments.start().correct(candidate("one", "model", MODEL), "key_2")) == MODEL
    stored = json.dumps([dict(item.attributes) for item in environments.table.items.values()])
    assert not any(each in stored for each in LURES if " " in each)
