"""The one function whose answer needs nothing but the event."""

from __future__ import annotations

import json

from functions.health.app import handler
from tests.template.cloud import ROOT

EVENT = json.loads((ROOT / "events" / "health.json").read_text())
HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


def test_a_probe_is_answered_without_a_key() -> None:
    assert handler(EVENT, None) == {
        "statusCode": 200,
        "headers": HEADERS,
        "body": '{"status": "ok", "service": "edgeway"}',
        "isBase64Encoded": False,
    }


def test_a_head_request_gets_the_headers_alone() -> None:
    assert handler({**EVENT, "httpMethod": "HEAD"}, None) == {
        "statusCode": 200,
        "headers": HEADERS,
        "body": "",
        "isBase64Encoded": False,
    }
