"""The REQUEST authorizer on Lambda: from either header to a key, its facts and its usage plan."""

import os
import time
from typing import Any

from gateway.access.authentication import Authenticator, authorizer_context
from gateway.access.key_records import KeyRegistry
from gateway.settings import read_settings
from gateway.storage.open import open_store
from translator.anthropic.errors import ApiError

settings = read_settings(os.environ)
authenticator = Authenticator(KeyRegistry(open_store(settings.store), clock=time.time), clock=time.time)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The policy for one request. A refusal says in its context what the ACCESS_DENIED gateway response answers."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    try:
        caller = authenticator.authenticate(headers)
    except ApiError as error:
        return {
            "principalId": "nobody",
            "policyDocument": policy("Deny", event["methodArn"]),
            "context": {"type": error.error_type, "message": error.message},
        }
    return {
        "principalId": caller.key.id,
        "policyDocument": policy("Allow", event["methodArn"]),
        "context": authorizer_context(caller),
        "usageIdentifierKey": caller.key_hash,
    }


def policy(effect: str, method_arn: str) -> dict[str, Any]:
    """A policy for this one method."""
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": method_arn}
    return {"Version": "2012-10-17", "Statement": [statement]}
