"""A stand-in for Amazon Bedrock and Claude Platform on AWS, a process of its own: python -m tests.upstreams.bedrock.

It prints its address. Every request must be signed as botocore's own signer signs it, for the service of its path and
one Region, or carry a short-term key that botocore's signer has presigned. Then its model id is judged as the endpoint
judges it, and the endpoint answers in its dialect: Messages, chat completions, Responses, or Converse's event stream.

    /runtime/anthropic/v1, /runtime/openai/v1          bedrock-runtime, signed for `bedrock`
    /runtime/model/ID/converse-stream and /converse    its Converse, which holds a body to AWS's own description
    /mantle/anthropic/v1, /mantle/v1, /mantle/openai/v1    bedrock-mantle
    /platform/v1                                       Claude Platform on AWS, which wants its workspace
    /foundation-models, /inference-profiles            the lists of the account

A word in the prompt plays a refusal: `[[refuse:expired]]`, or `[[refuse:midstream]]` within Converse's stream. Where
Converse is offered tools and has no result yet, it calls the first. GET /_requests lists what was asked.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.laws.converse_requests import check_converse_request
from tests.upstreams import converse, responses
from tests.upstreams.stand_in import Quiet, serve

REGION = "eu-west-1"
KEY_ID, SECRET, TOKEN = "ASIASTANDIN000000000", "the-secret-of-the-stand-in", "the-session-token"
WORKSPACE = "wrkspc_standin"
CREDENTIALS = Credentials(KEY_ID, SECRET, TOKEN)
SHORT_TERM = "bedrock-api-key-"

SERVICES = {"runtime": "bedrock", "mantle": "bedrock-mantle", "platform": "aws-external-anthropic"}
PROFILES = (
    "eu.anthropic.claude-opus-5",
    "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    "eu.anthropic.claude-sonnet-9-20270101-v1:0",
)
RESPONSES = ("global.openai.gpt-5.6-sol",)
CONVERSE = ("eu.amazon.nova-2-lite-v1:0", "eu.meta.llama3-3-70b-instruct-v1:0")
MODELS = ("openai.gpt-oss-20b-1:0", "qwen.qwen3-32b-v1:0", "amazon.nova-pro-v1:0", "cohere.embed-v4:0")
MANTLE = ("anthropic.claude-haiku-4-5", "anthropic.claude-opus-5", "openai.gpt-oss-20b", "openai.gpt-5.4")
PLATFORM = ("claude-haiku-4-5", "claude-opus-5")

NO_PROFILE = (
    "Invocation of model ID {model} with on-demand throughput isn\u2019t supported. Retry your request with the ID or "
    "ARN of an inference profile that contains this model."
)
NO_MODEL = "The provided model identifier is invalid."
NO_API = "The model '{model}' does not support the '{path}' API"
NO_STREAMED_CALLS = "This model doesn't support tool use in streaming mode."
LATER = frozenset({"context_management", "speed"})
"""Fields that it does not know yet."""
REFUSALS: Mapping[str, tuple[int, str]] = {
    "expired": (403, "The security token included in the request is expired"),
    "access": (403, "You don't have access to the model with the specified model ID."),
    "denied": (
        403,
        "User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: bedrock:InvokeModel on x",
    ),
    "throttled": (429, "Too many requests, please wait before trying again."),
}
_REFUSE = re.compile(r"\[\[refuse:([a-z]+)\]\]")
_SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})")


class RefusedError(Exception):
    """A request that goes no further, in AWS's form."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def check_signature(method: str, url: str, headers: Mapping[str, str], body: bytes, service: str) -> None:
    """Held to botocore's own signer. Raises `RefusedError`."""
    signed = _SIGNED.fullmatch(headers.get("authorization", ""))
    if signed is None:
        raise RefusedError(403, "Missing Authentication Token")
    key_id, scope, names, signature = signed.groups()
    stamp = headers.get("x-amz-date", "")
    if key_id != KEY_ID or scope != f"{stamp[:8]}/{REGION}/{service}/aws4_request":
        raise RefusedError(403, f"Credential should be scoped to a valid region and to service {service}, not {scope}")
    if headers.get("x-amz-security-token") != TOKEN:
        raise RefusedError(403, "The security token included in the request is invalid.")
    signer = SigV4Auth(CREDENTIALS, service, REGION)
    request = AWSRequest(method, url, headers={name: headers[name] for name in names.split(";")}, data=body)
    request.context["timestamp"] = stamp
    wanted = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not hmac.compare_digest(wanted, signature) or "host" not in names.split(";"):
        raise RefusedError(403, "The request signature we calculated does not match the signature you provided.")


def short_term_key(seconds: int = 3600) -> str:
    """As the public token generator makes it, by botocore's presigner."""
    request = AWSRequest("POST", "https://bedrock.amazonaws.com/?Action=CallWithBearerToken")
    request.headers["host"] = "bedrock.amazonaws.com"
    SigV4QueryAuth(CREDENTIALS, "bedrock", REGION, expires=seconds).add_auth(request)
    presigned = f"{request.url.removeprefix('https://')}&Version=1"
    return SHORT_TERM + base64.b64encode(presigned.encode()).decode()


def check_bearer(token: str) -> None:
    """A short-term key is a presigned URL, whose signature botocore makes again. Raises `RefusedError`."""
    try:
        url = "https://" + base64.b64decode(token.removeprefix(SHORT_TERM), validate=True).decode()
    except ValueError:
        raise RefusedError(403, "API key is invalid") from None
    told = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    request = AWSRequest("POST", "https://bedrock.amazonaws.com/?Action=CallWithBearerToken")
    request.headers["host"] = "bedrock.amazonaws.com"
    request.context["timestamp"] = told.get("X-Amz-Date", "")
    signer = SigV4QueryAuth(CREDENTIALS, "bedrock", REGION, expires=int(told.get("X-Amz-Expires", "0")))
    signer._modify_request_before_signing(request)
    wanted = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if not token.startswith(SHORT_TERM) or told.get("X-Amz-Signature") != wanted:
        raise RefusedError(403, "API key is invalid")


def judge_model(endpoint: str, path: str, model: str) -> None:
    """As the endpoint does. Raises `RefusedError`."""
    if endpoint == "mantle":
        is_there = model in MANTLE
        if is_there and not path.startswith(_place_at_mantle(model)):
            raise RefusedError(400, NO_API.format(model=model, path=path.removeprefix("/mantle")))
    elif endpoint == "platform":
        is_there = model in PLATFORM
    else:
        if any(profile.endswith(f".{model}") for profile in (*PROFILES, *RESPONSES, *CONVERSE)):
            raise RefusedError(400, NO_PROFILE.format(model=model))
        served = {"messages": PROFILES, "completions": MODELS[:2], "responses": RESPONSES}
        is_there = model in served.get(path.rpartition("/")[2], (*CONVERSE, MODELS[2]))
    if not is_there:
        raise RefusedError(400, NO_MODEL)


def _place_at_mantle(model: str) -> str:
    if model.startswith("openai.gpt-5"):
        return "/mantle/openai/v1/responses"
    return "/mantle/anthropic/v1/messages" if model.startswith("anthropic.") else "/mantle/v1/"


def event(kind: str, **more: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n".encode()


def claude(model: str, said: str, *, stream: bool) -> bytes:
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 90, "output_tokens": 1}
    message: dict[str, Any] = {"id": "msg_bdrk_1", "type": "message", "role": "assistant", "model": model}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None, "usage": usage}
    ending = {"stop_reason": "end_turn", "stop_sequence": None, "stop_details": None}
    if not stream:
        content = [{"type": "text", "text": said}]
        return json.dumps({**message, **ending, "content": content, "usage": {**usage, "output_tokens": 5}}).encode()
    return b"".join(
        [
            event("message_start", message=message),
            event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
            event("content_block_delta", index=0, delta={"type": "text_delta", "text": said}),
            event("content_block_stop", index=0),
            event("message_delta", delta=ending, usage={"output_tokens": 5}),
            event("message_stop"),
        ]
    )


def chat(model: str, said: str) -> bytes:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    chunks = [
        {**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": said}, "finish_reason": None}]},
        {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**base, "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
    ]
    return b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks) + b"data: [DONE]\n\n"


def responding(said: str) -> bytes:
    events = responses.numbered(
        [responses.begun(), *responses.text_events(0, said), responses.ended(output=[responses.message(said)])]
    )
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def conversing(model: str, said: str, body: Mapping[str, Any], *, stream: bool) -> bytes:
    """The answer of Converse, or a call of the first tool. Raises `RefusedError`."""
    try:
        check_converse_request(body)
    except AssertionError as broken:
        raise RefusedError(400, f"The request is malformed: {broken}") from None
    tools = body.get("toolConfig", {}).get("tools", ())
    if tools and stream and "llama" in model:
        raise RefusedError(400, NO_STREAMED_CALLS)
    calls = bool(tools) and not any("toolResult" in block for block in body["messages"][-1]["content"])
    name = tools[0]["toolSpec"]["name"] if calls else ""
    reason = "tool_use" if calls else "end_turn"
    if not stream:
        block = {"toolUse": {"toolUseId": "tooluse_a", "name": name, "input": {"a": 1}}} if calls else {"text": said}
        return json.dumps(converse.whole(block, reason=reason)).encode()
    block_events = converse.call(0, '{"a"', ":1}", name=name) if calls else converse.text(0, *said)
    if "[[refuse:midstream]]" in json.dumps(body):
        block_events.append({"throttlingException": {"message": "Too many tokens, please wait before trying again."}})
    events = [converse.START, *block_events, *converse.end(reason, cacheReadInputTokens=90)]
    return b"".join(converse.event_frame(event) for event in events)


class Handler(Quiet, BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        if self.path == "/_requests":
            self.tell(200, json.dumps(self.asked).encode())
            return
        self.guarded(self.lists, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.guarded(self.model, body)

    def guarded(self, answer: Any, body: bytes) -> None:
        try:
            answer(body)
        except RefusedError as refused:
            self.tell(refused.status, json.dumps({"message": str(refused)}).encode())

    def lists(self, body: bytes) -> None:
        self.check("bedrock", body)
        models = [
            {
                "modelId": model,
                "inputModalities": ["TEXT"],
                "outputModalities": ["EMBEDDING" if "embed" in model else "TEXT"],
                "inferenceTypesSupported": ["ON_DEMAND"],
                "modelLifecycle": {"status": "ACTIVE"},
            }
            for model in MODELS
        ]
        ids = (*PROFILES, *RESPONSES, *CONVERSE)
        profiles = [{"inferenceProfileId": profile, "status": "ACTIVE"} for profile in ids]
        is_models = self.path.startswith("/foundation-models")
        told = {"modelSummaries": models} if is_models else {"inferenceProfileSummaries": profiles}
        self.tell(200, json.dumps(told).encode())

    def model(self, body: bytes) -> None:
        endpoint = self.path.split("/")[1]
        asked = json.loads(body)
        self.asked.append({"path": self.path, "headers": self.lowered(), "body": asked})
        self.check(SERVICES[endpoint], body)
        if endpoint == "platform" and self.headers.get("anthropic-workspace-id") != WORKSPACE:
            raise RefusedError(403, "the workspace is missing")
        played = _REFUSE.search(body.decode())
        if played and played[1] in REFUSALS:
            raise RefusedError(*REFUSALS[played[1]])
        if later := sorted(LATER.intersection(asked)):
            raise RefusedError(400, f"{later[0]}: Extra inputs are not permitted")
        path = urlsplit(self.path).path
        converses = path.startswith("/runtime/model/")
        model = unquote(path.split("/")[3]) if converses else asked["model"]
        judge_model(endpoint, path, model)
        said = f"{model} at {endpoint}"
        if converses:
            stream = path.endswith("-stream")
            kind = "application/vnd.amazon.eventstream" if stream else "application/json"
            self.tell(200, conversing(model, said, asked, stream=stream), kind)
        elif path.endswith("/messages"):
            kind = "text/event-stream" if asked.get("stream") else "application/json"
            self.tell(200, claude(model, said, stream=bool(asked.get("stream"))), kind)
        else:
            told = responding(said) if path.endswith("/responses") else chat(model, said)
            self.tell(200, told, "text/event-stream")

    def check(self, service: str, body: bytes) -> None:
        bearer = self.headers.get("authorization", "")
        if bearer.startswith("Bearer "):
            check_bearer(bearer.removeprefix("Bearer "))
        else:
            check_signature(self.command, f"http://{self.headers['host']}{self.path}", self.lowered(), body, service)

    def lowered(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def tell(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-amzn-requestid", "11111111-2222-3333-4444-555555555555")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    serve(Handler)
