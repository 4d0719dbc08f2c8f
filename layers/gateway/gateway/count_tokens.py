"""POST /v1/messages/count_tokens: an estimate without any upstream."""

from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_count_tokens_request
from translator.estimate import estimate_input_tokens

from gateway.admission import Admission
from gateway.http import HttpRequest, answer_json


def count_tokens(http: HttpRequest, admission: Admission) -> Mapping[str, Any]:
    """The proxy answer `{"input_tokens": n}`. Raises `ApiError`."""
    admission.admit(http)
    tokens = estimate_input_tokens(parse_count_tokens_request(http.json()))
    return answer_json(200, encode_json({"input_tokens": tokens}), {"request-id": http.request_id})
