"""The authorizer: policies for API Gateway, and a context that its templates can paste."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.access.keys import hash_key

from tests.loop import run
from tests.unit.functions.functions import Handler, load, read_event

ARN = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/Prod/POST/v1/messages"
EVENTS = ["authorizer-bearer", "authorizer-x-api-key"]


@pytest.fixture
def handler(registry: KeyRegistry) -> Handler:
    decide = load("authorizer").build(os.environ)
    return lambda event, context: run(decide(event, context))


def policy(effect: str) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": ARN}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize("name", EVENTS)
def test_a_valid_key_is_let_in_and_counted_under_its_hash(name: str, handler: Handler, registry: KeyRegistry) -> None:
    key, record = run(registry.create("alice", plan="standard", role="admin", allowed_models=("gpt-5", "openai/gpt-5")))
    assert handler(read_event(name, key), None) == {
        "principalId": record.id,
        "policyDocument": policy("Allow"),
        "context": {
            "keyId": record.id,
            "keyName": "alice",
            "role": "admin",
            "plan": "standard",
            "allowedModels": "gpt-5\nopenai/gpt-5",
        },
        "usageIdentifierKey": hash_key(key),
    }


# kind: the word in the refusal
REFUSED = {
    "revoked": "revoked",
    "expired": "expired",
    "unknown": "does not know",
    "mistyped": "mistyped",
    "missing": "required",
}


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("kind", REFUSED)
def test_a_refusal_carries_its_error_in_words_that_a_template_can_paste(
    kind: str, name: str, handler: Handler, registry: KeyRegistry
) -> None:
    denied = handler(read_event(name, key_that_is(kind, registry)), None)
    message = denied["context"]["message"]
    assert denied == {
        "principalId": "nobody",
        "policyDocument": policy("Deny"),
        "context": {"type": "authentication_error", "message": message},
    }
    assert json.loads(f'"{message}"') == message
    assert REFUSED[kind] in message
    assert "planted" not in message


def key_that_is(kind: str, registry: KeyRegistry) -> str:
    match kind:
        case "revoked":
            key, record = run(registry.create("alice"))
            run(registry.revoke(record.id))
            return key
        case "expired":
            return run(registry.create("alice", expires=int(time.time()) - 1))[0]
        case "unknown":
            return "planted\\\"}',$context.authorizer"
        case "mistyped":
            return '"planted key\\'
        case _:
            return ""


def test_api_gateway_takes_text_numbers_and_booleans_only(handler: Handler, registry: KeyRegistry) -> None:
    key, _ = run(registry.create('a "quoted" \\ name\n', owner="alice", expires=2**40, allowed_models=('a"b',)))
    answer = handler(read_event("authorizer-bearer", key), None)
    assert [value for value in answer["context"].values() if not isinstance(value, str | int | float | bool)] == []
    assert json.loads(json.dumps(answer)) == answer
    assert key not in json.dumps(answer)


def test_headers_that_are_null_are_a_missing_key(handler: Handler) -> None:
    answer = handler({"type": "REQUEST", "methodArn": ARN, "headers": None}, None)
    assert answer["policyDocument"] == policy("Deny")
