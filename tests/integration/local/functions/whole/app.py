"""Answers whole, and as a plain function: with what it was sent, or with what the path asks for."""

import base64
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

REQUEST_SUMMARY = {
    "message": "request",
    "status": 200,
    "requested_model": "gpt-5",
    "model": "openai/gpt-5",
    "input_tokens": 1200,
    "output_tokens": 34,
    "cache_read_input_tokens": 1000,
    "cost_micro_dollars": 1965,
    "stop_reason": "end_turn",
    "error_type": None,
    "first_event_ms": 1.2,
    "total_ms": 3456.7,
}


def build(environment: Mapping[str, str]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    return lambda event, context: _answer(event, context, environment)


def _answer(event: dict[str, Any], context: Any, environment: Mapping[str, str]) -> dict[str, Any]:
    match (event["pathParameters"] or {}).get("name"):
        case "summarised":
            request_id = "req_" + event["requestContext"]["requestId"].replace("-", "")
            sys.stdout.write(json.dumps({**REQUEST_SUMMARY, "request_id": request_id}) + "\n")
        case "printed":
            sys.stdout.write("said by the function\n")
        case "binary":
            body = base64.b64encode(bytes(range(256))).decode()
            return {"headers": {"content-type": "image/png"}, "body": body, "isBase64Encoded": True}
        case "environment":
            return {"body": json.dumps(dict(environment))}
        case "malformed":
            return {"statusCode": "no status"}
        case "blocking":
            Path(event["body"]).read_bytes()  # a pipe, which another request writes into
        case "writing":
            Path(event["body"]).write_bytes(b"!")
        case "failing":
            raise ValueError("this text is the user's own")
        case _:
            pass
    headers = {"x-deadline": str(context.get_remaining_time_in_millis()), "x-request": context.aws_request_id}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(event)}
