"""POST /v1/messages/count_tokens: counted here, without any upstream."""

import asyncio
from collections.abc import Mapping
from typing import Any

from translator.anthropic.events import encode_json
from translator.anthropic.request import parse_count_tokens_request
from translator.tokens.counting import counting
from translator.tokens.estimate import estimate_input_tokens

from gateway.access.admission import Admission
from gateway.tokens.vocabulary import count_in
from gateway.web.proxy_event import HttpRequest, answer_json


async def count_tokens(http: HttpRequest, admission: Admission) -> Mapping[str, Any]:
    """The proxy answer `{"input_tokens": n}`; beta's says too that no context was edited. Raises `ApiError`."""
    await admission.admit(http)
    request = parse_count_tokens_request(http.json().members)
    tokens = await asyncio.to_thread(estimate_input_tokens, request, counting(request.model, count_in))
    counted = {"input_tokens": tokens, **({"context_management": None} if http.is_beta else {})}
    return answer_json(200, encode_json(counted), {"request-id": http.request_id})
