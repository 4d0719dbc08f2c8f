"""What the official descriptions allow is taken, but for a closed list."""

import re

from hypothesis import HealthCheck, given, settings
from translator.anthropic.errors import ApiError
from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import Caller
from translator.tokens.estimate import estimate_input_tokens
from translator.traits import Traits

from tests.laws.chat_requests import check_chat_request
from tests.properties.official_requests import official_requests
from tests.properties.requests import Json, traits

REFUSED = re.compile(
    r"(compaction|mcp_servers): not supported|thread: this gateway keeps none"
    r"|messages\.\d+\.content\..*source: not supported by this gateway \(a (file|url) source"
    r"|tools: (computer|browser)_\w+ is not supported"
    # What no description can say: what fields have to do with each other, and that a message says something.
    r"|tools: Tool names must be unique\."
    r"|tool_choice\.any|Tool '.*' not found|tool_choice\.name: the tool"
    r"|messages\.\d+\.content: Field required"
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(official_requests(), traits)
def test_it_is_taken_or_refused_on_purpose(request: Json, upstream: Traits) -> None:
    refusal = ""
    try:
        parsed = parse_messages_request(request)
        encoded = encode_request(parsed, model="m", traits=upstream, caller=Caller())
    except ApiError as error:
        refusal = error.message
    else:
        check_chat_request(encoded.body, cache_marker=upstream.cache_marker)
        assert encode_json(encoded.body)
        assert estimate_input_tokens(parsed, len) > 0
    assert not refusal or REFUSED.match(refusal)
