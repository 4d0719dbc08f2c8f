"""Whatever a request says in a tool, a text or a rule reaches the upstream, or is named as dropped.

A word is planted into every such field of a request that the official descriptions allow, and looked for in what is
sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from translator.anthropic.errors import ApiError
from translator.anthropic.events import encode_json
from translator.anthropic.request import MessagesRequest, parse_messages_request
from translator.chat.request.request import encode_request as encode_chat
from translator.dialect import Caller, EncodedRequest
from translator.responses.request.request import encode_request as encode_responses
from translator.traits import Traits

from tests.properties.official_requests import official_requests
from tests.properties.requests import Json

TELLING: Final = frozenset(
    {
        "text", "description", "instructions", "title", "context", "content", "system", "definition", "command",
        "query", "error_code", "stdout", "stderr",
    }
)  # fmt: skip
"""Fields that hold words of somebody's: what a tool, a text or a rule says."""
Encode = Callable[[MessagesRequest], EncodedRequest]


def chat(request: MessagesRequest) -> EncodedRequest:
    return encode_chat(request, model="m", traits=Traits(), caller=Caller())


def responses(request: MessagesRequest) -> EncodedRequest:
    return encode_responses(request, model="m", traits=Traits(), caller=Caller())


class Planted(NamedTuple):
    """A word, and what the field that holds it lies in: the types of blocks and tools, and the field's own name."""

    word: str
    within: tuple[str, ...]


class Field:
    """Plants words, each its own."""

    def __init__(self) -> None:
        self.planted: list[Planted] = []

    def sow(self, value: Any, within: tuple[str, ...] = ()) -> Any:
        """The value with a word in every field that tells something."""
        match value:
            case dict():
                inner = (*within, str(value.get("type", "")))
                return {name: self._field(name, each, inner) for name, each in value.items()}
            case list():
                return [self.sow(each, within) for each in value]
            case _:
                return value

    def _field(self, name: str, value: Any, within: tuple[str, ...]) -> Any:
        if not (isinstance(value, str) and name in TELLING and value.strip()):
            return self.sow(value, (*within, name))
        word = f"planted{len(self.planted)}word"
        self.planted.append(Planted(word, (*within, name)))
        return f"{value} {word}"


def lost(request: Json, encode: Encode) -> Iterator[tuple[str, ...]]:
    """Where words stood that were neither sent nor named. Raises `ApiError` for a request that is refused."""
    field = Field()
    told = field.sow({name: request[name] for name in ("messages", "system", "tools") if name in request})
    encoded = encode(parse_messages_request({**request, **told}))
    sent = encode_json(encoded.body).decode()
    named = {name.rpartition(".")[2] for name in encoded.dropped} | set(encoded.dropped)
    for word, within in field.planted:
        # Citations of a text are the API's own, and say what stands in the document once more.
        if word not in sent and named.isdisjoint(within) and "citations" not in within:
            yield within


@pytest.mark.parametrize("encode", [chat, responses])
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(request=official_requests())
def test_what_a_request_says_is_sent_or_named(encode: Encode, request: Json) -> None:
    try:
        assert list(lost(request, encode)) == []
    except ApiError:
        return


def test_a_word_that_is_lost_is_found() -> None:
    def deaf(_: MessagesRequest) -> EncodedRequest:
        return chat(
            parse_messages_request({"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]})
        )

    asked = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]}
    assert list(lost(asked, deaf)) == [("", "messages", "", "content", "text", "text")]
    assert list(lost(asked, chat)) == []
