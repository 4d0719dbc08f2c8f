"""GET and HEAD of / and /api/hello, which clients ask before they have a key."""

import json
from typing import Any

BODY = json.dumps({"status": "ok", "service": "edgeway"})


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer 200; of a HEAD request the headers alone are sent."""
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": "" if event["httpMethod"] == "HEAD" else BODY,
        "isBase64Encoded": False,
    }
