"""Requests and answers of an API Gateway REST proxy integration (event format 1.0).

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.events import encode_json
from translator.native.json_members import DuplicateNameError, JsonObject, read_json, read_object

from gateway.web.failures import unexpected
from gateway.web.headers import server_timing
from gateway.web.summary import Log

JSON_TYPE = "application/json"

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATES = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""A backslash that means itself, a whole character, or else half of one."""
_REPLACEMENT = r"\ufffd"


@dataclass(frozen=True)
class HttpRequest:
    """A request that has arrived. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    query_lists: Mapping[str, Sequence[str]]
    """The query, with all values of a name that is given more than once."""
    path_parameters: Mapping[str, str]
    raw_body: str
    is_base64: bool
    request_id: str
    authorizer: Mapping[str, Any]
    """The authorizer's context. Trust it only where nobody but API Gateway can have written it."""
    address: str = ""
    """The address that has connected: the caller's, or that of the load balancer before a server."""

    @property
    def is_beta(self) -> bool:
        """Whether the request is for beta's half of the API.

        The description says so in the query, newer SDKs in a header.
        """
        return self.query.get("beta") == "true" or bool(self.headers.get("anthropic-beta"))

    @cached_property
    def body(self) -> bytes:
        """The bytes that the caller sent."""
        return b64decode(self.raw_body) if self.is_base64 else self.raw_body.encode("utf-8", "surrogatepass")

    def json(self) -> JsonObject:
        """Return the body as a JSON object. Raises `invalid_request_error`, which never quotes the body."""
        try:
            text = self._text()
            if not text.lstrip(" \t\n\r").startswith("{"):
                read_json(text)
                raise invalid_request("The request body must be a JSON object.")
            return read_object(text)
        except RecursionError:
            raise invalid_request("The request body is nested too deeply.") from None
        except DuplicateNameError:
            raise invalid_request("The request body holds a name twice.") from None
        except json.JSONDecodeError as error:
            raise invalid_request(f"The request body is not valid JSON: {error}") from None
        except ValueError:
            raise invalid_request("The request body is not valid JSON.") from None

    def _text(self) -> str:
        """Return the decoded body, without a leading byte order mark and without lone surrogates."""
        if self.is_base64:
            text = self.body.decode(json.detect_encoding(self.body), "surrogatepass")
        else:
            text = self.raw_body.removeprefix("\ufeff")
        return _without_lone_surrogates(text) if _may_hold_half_a_character(text) else text


Event = TypeVar("Event", bound=Mapping[str, Any])
Context = TypeVar("Context")
Answered = TypeVar("Answered")
ACKNOWLEDGED: Mapping[str, Any] = {"statusCode": 204, "headers": {}, "body": ""}
"""The answer to an event that is no request."""

Answer = Callable[[HttpRequest], Awaitable[Mapping[str, Any]]]
"""What an endpoint answers to a request. Raises `ApiError`."""


def read_event(event: Mapping[str, Any]) -> HttpRequest:
    """The request in a proxy event."""
    context = event.get("requestContext") or {}
    return HttpRequest(
        method=event.get("httpMethod") or "",
        path=event.get("path") or "",
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        query=event.get("queryStringParameters") or {},
        query_lists=event.get("multiValueQueryStringParameters") or {},
        path_parameters=event.get("pathParameters") or {},
        raw_body=event.get("body") or "",
        is_base64=bool(event.get("isBase64Encoded")),
        request_id="req_" + str(context.get("requestId") or "local").replace("-", ""),
        authorizer=context.get("authorizer") or {},
        address=source_address(event),
    )


def source_address(event: Mapping[str, Any]) -> str:
    """Return the address that an event came from; empty where the event does not say."""
    context = event.get("requestContext") or {}
    return str((context.get("identity") or {}).get("sourceIp") or "")


def requests_only(
    handler: Callable[[Event, Context], Awaitable[Answered]],
) -> Callable[[Event, Context], Coroutine[Any, Any, Answered | Mapping[str, Any]]]:
    """Return a handler that acknowledges every event that is no proxy event, and neither counts nor logs it.

    Such events come from a schedule that keeps a function warm. As one project reports, Lambda itself also sends one
    after a streamed answer (`{"invokeCompletionStatus": …}`).
    """

    async def serve(event: Event, context: Context) -> Answered | Mapping[str, Any]:
        return await handler(event, context) if "httpMethod" in event else ACKNOWLEDGED

    return serve


def answer_json(status: int, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a whole answer for API Gateway."""
    return {
        "statusCode": status,
        "headers": {"content-type": JSON_TYPE, **headers},
        "body": body.decode("utf-8"),
        "isBase64Encoded": False,
    }


def answer_error(error: ApiError, headers: Mapping[str, str], *, request_id: str) -> dict[str, Any]:
    """Return an error as a whole answer."""
    own = {"request-id": request_id, **error.headers()}
    body = encode_json(error.body(request_id)) if error.raw_body is None else error.raw_body
    return answer_json(error.status, body, {**headers, **own})


async def answering(
    http: HttpRequest, answer: Answer, *, monotonic: Callable[[], float], log: Log
) -> Mapping[str, Any]:
    """Return the answer to a request, or the error that it raises, with its time. `monotonic` gives seconds.

    POST /v1/messages does not use this, since its answers may be streams: there `RequestLog.headers` sets the headers.
    """
    arrived = monotonic()
    answered = await _answered(http, answer, log)
    timing = {"server-timing": server_timing(edgeway=(monotonic() - arrived) * 1000)}
    return {**answered, "headers": {**answered["headers"], **timing}}


async def _answered(http: HttpRequest, answer: Answer, log: Log) -> Mapping[str, Any]:
    try:
        return await answer(http)
    except ApiError as error:
        refusal = error
    except Exception as error:  # noqa: BLE001 -- the last resort: Lambda would log the text of the exception
        refusal = unexpected(error, log)
    return answer_error(refusal, {}, request_id=http.request_id)


def _may_hold_half_a_character(text: str) -> bool:
    """Tell whether the JSON may hold a lone surrogate, written as it is or as an escape.

    Every body is checked. A regular expression for both would read each character, and take longer than parsing.
    """
    if _ESCAPED_SURROGATE.search(text):
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _without_lone_surrogates(text: str) -> str:
    """Replace each lone surrogate by U+FFFD.

    A client has cut it, and strict upstreams refuse the JSON that holds it.
    """
    whole = _SURROGATES.sub(lambda found: found[0] if found[1] else _REPLACEMENT, text)
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
