"""What Converse answers without a 2xx: its exception says more than its status."""

from __future__ import annotations

import json
from typing import Any

import pytest
from translator.anthropic.errors import Fault
from translator.anthropic.request import parse_messages_request
from translator.converse.dialect import ConverseDialect
from translator.dialect import Caller
from translator.learned_traits import CorrectableError, LearnedTrait
from translator.stream.emitter import Emitter
from translator.tool_names import shorten
from translator.traits import Traits

from tests.laws import check, text_of, tool_calls_of
from tests.upstreams.converse import call, end, text

REQUEST = parse_messages_request({"model": "m", "max_tokens": 5000, "messages": [{"role": "user", "content": "Hello"}]})


@pytest.mark.parametrize(
    ("status", "exception", "message", "kind", "fault"),
    [
        (424, "ModelErrorException", "The model failed.", "api_error", Fault.UPSTREAM),
        (408, "ModelTimeoutException:http://internal.amazon.com/x/", "Slow.", "timeout_error", Fault.UPSTREAM),
        (429, "ModelNotReadyException", "Not ready.", "overloaded_error", Fault.UPSTREAM),
        (400, "ServiceQuotaExceededException", "The quota.", "rate_limit_error", Fault.UPSTREAM),
        (400, "ValidationException", "The field is wrong.", "invalid_request_error", Fault.CALLER),
        (503, "", "Later.", "overloaded_error", Fault.UPSTREAM),
    ],
)
def test_an_exception_is_told_by_its_name(status: int, exception: str, message: str, kind: str, fault: Fault) -> None:
    error = ConverseDialect().error(
        status,
        {"x-amzn-errortype": exception},
        json.dumps({"message": message}).encode(),
        request=REQUEST,
        input_tokens=10,
        traits=Traits(),
    )
    assert (error.error_type, error.message, error.fault) == (kind, message, fault)


def test_a_limit_of_the_answer_is_corrected() -> None:
    message = (
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that "
        "is lower than 4096."
    )
    error = ConverseDialect().error(
        400, {}, json.dumps({"message": message}).encode(), request=REQUEST, input_tokens=10, traits=Traits()
    )
    assert isinstance(error, CorrectableError)
    assert error.learned == (LearnedTrait("max_output_tokens", 4096),)


def test_the_whole_way_through_the_dialect() -> None:
    dialect = ConverseDialect()
    request = parse_messages_request(
        {
            "model": "m",
            "max_tokens": 5000,
            "messages": [{"role": "user", "content": "Hello"}],
            "tools": [{"name": "look.around", "input_schema": {"type": "object"}}],
            "stop_sequences": ["END"],
        }
    )
    encoded = dialect.encode(request, model="amazon.nova-lite-v1:0", traits=Traits(), caller=Caller())
    name = encoded.body["toolConfig"]["tools"][0]["toolSpec"]["name"]
    assert (encoded.path, name) == ("/model/amazon.nova-lite-v1%3A0/converse-stream", shorten("look.around"))
    reader = dialect.reader(
        Emitter(message_id="msg_1", model="m", input_tokens=1),
        encoded=encoded,
        request=request,
        traits=Traits(),
        message_id="msg_1",
        input_tokens=1,
    )
    frames = [*call(0, "{}", name=name), *text(1, "At the END"), *end()]
    events: list[Any] = []
    for told in reader.read(map(json.dumps, frames)):
        events += told
        reader.forget_request()
    events += reader.close()
    check(events)
    assert (text_of(events), tool_calls_of(events)) == ("At the ", [("look.around", "{}")])
