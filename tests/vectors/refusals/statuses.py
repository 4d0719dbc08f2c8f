"""Refusals by their status, retry headers and secrets (wire.md 7; failure modes 15, 36; table 4 of security)."""

from collections.abc import Mapping
from dataclasses import replace

from translator.anthropic.errors import ErrorType, Fault

from tests.vectors.refusals import RefusalCase, body, openai

LIMITED = openai("Rate limit reached", type="requests", code="rate_limit_exceeded")
OURS = "the upstream refused this gateway's own account (status {})"


def refused(
    identity: str,
    why: str,
    status: int,
    answer: bytes,
    error_type: ErrorType,
    message: str,
    sent_status: int,
    *,
    fault: Fault = Fault.UPSTREAM,
) -> RefusalCase:
    return RefusalCase(
        id=identity,
        why=why,
        status=status,
        body=answer,
        error_type=error_type,
        message=message,
        sent_status=sent_status,
        fault=fault,
    )


def our_account(identity: str, why: str, status: int, answer: bytes) -> RefusalCase:
    """Our key's trouble: the caller must neither log in again nor retry."""
    return RefusalCase(
        id=f"account-{identity}",
        why=why,
        status=status,
        body=answer,
        error_type="api_error",
        message=OURS.format(status),
        sent_status=500,
        sent_headers={"x-should-retry": "false"},
        fault=Fault.UPSTREAM,
    )


SOON = "Wed, 21 Oct 2026 07:28:00 GMT"
DAYLESS = "Mon, 31 Feb 2026 07:28:00 GMT"


def limited(identity: str, why: str, headers: Mapping[str, str], retry_after: str | None) -> RefusalCase:
    return RefusalCase(
        id=f"limited-{identity}",
        why=why,
        status=429,
        body=LIMITED,
        headers=headers,
        error_type="rate_limit_error",
        message="Rate limit reached",
        sent_status=429,
        sent_headers={} if retry_after is None else {"retry-after": retry_after},
        fault=Fault.UPSTREAM,
    )


def cleaned(identity: str, said: str, message: str) -> RefusalCase:
    return refused(
        f"clean-{identity}",
        "failure mode 50: the words that a client needs stay, secrets do not",
        400,
        openai(said),
        "invalid_request_error",
        message,
        400,
        fault=Fault.CALLER,
    )


# every status with a JSON body: the type, the status that the caller sees, whose fault it is
STATUSES: dict[int, tuple[ErrorType, int, Fault]] = {
    302: ("api_error", 500, Fault.UPSTREAM),
    400: ("invalid_request_error", 400, Fault.CALLER),
    404: ("not_found_error", 404, Fault.UPSTREAM),
    405: ("invalid_request_error", 400, Fault.CALLER),
    408: ("timeout_error", 504, Fault.UPSTREAM),
    409: ("conflict_error", 409, Fault.UPSTREAM),
    413: ("request_too_large", 413, Fault.CALLER),
    422: ("invalid_request_error", 400, Fault.CALLER),
    429: ("rate_limit_error", 429, Fault.UPSTREAM),
    500: ("api_error", 500, Fault.UPSTREAM),
    501: ("api_error", 500, Fault.UPSTREAM),
    502: ("api_error", 500, Fault.UPSTREAM),
    503: ("overloaded_error", 529, Fault.UPSTREAM),
    504: ("timeout_error", 504, Fault.UPSTREAM),
    529: ("overloaded_error", 529, Fault.UPSTREAM),
}
HTML = b"<html><body>502 Bad Gateway</body></html>"

CASES = [
    *(
        refused(
            f"status-{status}",
            "failure mode 15: by its status, its words kept",
            status,
            openai("Words"),
            kind,
            "Words",
            sent,
            fault=fault,
        )
        for status, (kind, sent, fault) in STATUSES.items()
    ),
    *(
        refused(
            f"html-{status}",
            "failure mode 15: HTML is never passed on; what a proxy says is no fault of the caller's",
            status,
            HTML,
            kind,
            f"the upstream answered with status {status} and no JSON",
            sent,
        )
        for status, (kind, sent, _) in STATUSES.items()
    ),
    refused(
        "body-empty", "nothing said", 500, b"", "api_error", "the upstream answered with status 500 and no JSON", 500
    ),
    refused(
        "body-too-deep",
        "no body can break us",
        500,
        b"[" * 100_000,
        "api_error",
        "the upstream answered with status 500 and no JSON",
        500,
    ),
    refused("body-text", "a bare message", 500, body({"error": "It broke"}), "api_error", "It broke", 500),
    refused(
        "body-message", "without an inner object", 500, body({"message": "It broke"}), "api_error", "It broke", 500
    ),
    refused(
        "body-null",
        "error: null beside a message",
        500,
        body({"error": None, "message": "It broke"}),
        "api_error",
        "It broke",
        500,
    ),
    refused(
        "body-details",
        "FastAPI's list",
        422,
        body({"detail": [{"loc": ["body", "n"], "msg": "n is not supported"}]}),
        "invalid_request_error",
        '[{"loc": ["body", "n"], "msg": "n is not supported"}]',
        400,
        fault=Fault.CALLER,
    ),
    refused(
        "body-list",
        "a list of nothing",
        500,
        body([]),
        "api_error",
        "the upstream answered with status 500 and no JSON",
        500,
    ),
    refused("body-number", "no object", 500, body({"error": {"message": 7}}), "api_error", "7", 500),
    refused("body-silent", "there is always a message", 500, body({}), "api_error", "the upstream gave no reason", 500),
    refused(
        "body-endless",
        "a server that repeats the request",
        500,
        body({"message": "x" * 5_000}),
        "api_error",
        "x" * 2_000,
        500,
    ),
    *(
        refused(
            f"groq-{code}",
            "failure mode 49: what the model has written cannot be read; another attempt may be better",
            400,
            openai("Failed. See 'failed_generation'.", code=code, failed_generation="<function=look>{"),
            "overloaded_error",
            "Failed. See 'failed_generation'.",
            529,
        )
        for code in ("tool_use_failed", "json_validate_failed")
    ),
    our_account(
        "401",
        "failure mode 15: our key is wrong: a 401 would make the caller log in again",
        401,
        openai("Incorrect API key provided: sk-proj-abc"),
    ),
    our_account(
        "gemini-key", "its 400 for a bad key is about ours", 400, openai("API key not valid. Please pass one.")
    ),
    our_account("gemini-expired", "likewise", 400, openai("API key expired. Please renew the API key.")),
    refused(
        "account-quoted",
        "words of the caller, repeated by the upstream, are none of its own",
        400,
        openai("Unexpected role in 'API key not valid'"),
        "invalid_request_error",
        "Unexpected role in 'API key not valid'",
        400,
        fault=Fault.CALLER,
    ),
    our_account("402", "our money", 402, openai("Insufficient Balance")),
    our_account("403", "failure mode 15: our rights", 403, openai("Country not supported")),
    our_account("401-html", "failure mode 15: also without JSON", 401, HTML),
    our_account("403-html", "also without JSON", 403, HTML),
    our_account(
        "quota",
        "a 429 that no waiting ends",
        429,
        openai(
            "You exceeded your current quota, please check your plan and billing details.", code="insufficient_quota"
        ),
    ),
    our_account("balance", "DeepSeek says so with any status", 400, openai("Insufficient Balance")),
    our_account(
        "billing",
        "a limit that the operator has set",
        429,
        openai("Billing hard limit", code="billing_hard_limit_reached"),
    ),
    our_account("moonshot", "in its type", 429, openai("Suspended", type="exceeded_current_quota_error")),
    replace(
        refused(
            "limited-by-gemini",
            "its words for a quota per minute are those of an empty account, but say when to come back",
            429,
            openai(
                "You exceeded your current quota, please check your plan and billing details.\nPlease retry in 34.07s."
            ),
            "rate_limit_error",
            "You exceeded your current quota, please check your plan and billing details.\nPlease retry in 34.07s.",
            429,
        ),
        sent_headers={"retry-after": "35"},
    ),
    refused(
        "limited-by-openai",
        "an address about billing is no trouble with it",
        429,
        openai(
            "Rate limit reached on tokens per min. Add a payment method at https://platform.openai.com/account/billing."
        ),
        "rate_limit_error",
        "Rate limit reached on tokens per min. Add a payment method at [removed]",
        429,
    ),
    refused(
        "about-a-tool-for-billing",
        "the word in a tool's name is no trouble with it",
        400,
        openai("Invalid schema for function 'get_billing_info'"),
        "invalid_request_error",
        "Invalid schema for function 'get_billing_info'",
        400,
        fault=Fault.CALLER,
    ),
    limited("bare", "failure mode 36: no guess is made", {}, None),
    limited("seconds", "failure mode 15: as it is", {"retry-after": "7"}, "7"),
    limited("fraction", "never sooner than told", {"retry-after": "1.2"}, "2"),
    limited("zero", "at once", {"retry-after": "0"}, "0"),
    limited("minutes", "a wait that is told is passed on, however long", {"retry-after": "3600"}, "3600"),
    limited("milliseconds", "the finer one counts", {"retry-after-ms": "1500", "retry-after": "9"}, "2"),
    limited("no-milliseconds", "a second at least", {"retry-after-ms": "0"}, "1"),
    limited(
        "date", "by the upstream's own clock", {"retry-after": SOON, "date": "Wed, 21 Oct 2026 07:27:18 GMT"}, "42"
    ),
    limited("date-past", "at once", {"retry-after": SOON, "date": "Wed, 21 Oct 2026 07:29:00 GMT"}, "0"),
    limited("date-alone", "a date needs a clock, and ours may not be the upstream's", {"retry-after": SOON}, None),
    limited("date-nonsense", "no date", {"retry-after": "soon", "date": "Wed, 21 Oct 2026 07:27:18 GMT"}, None),
    limited("date-far", "no date", {"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT", "date": SOON}, None),
    limited(
        "date-alike", "February has no such day, and the wait is a wait", {"retry-after": DAYLESS, "date": SOON}, "0"
    ),
    limited("date-old", "RFC 850's", {"retry-after": "Wednesday, 21-Oct-26 07:28:09 GMT", "date": SOON}, "9"),
    limited("date-older", "C's", {"retry-after": "Sun Nov  1 07:28:00 2026", "date": SOON}, "950400"),
    limited("nonsense", "no number", {"retry-after": "nan", "retry-after-ms": "inf"}, None),
    limited("negative", "no number", {"retry-after": "-5"}, None),
    limited("endless", "no number", {"retry-after": "9" * 500}, None),
    limited(
        "reset",
        "the later of the two",
        {"x-ratelimit-reset-requests": "120ms", "x-ratelimit-reset-tokens": "7.66s"},
        "8",
    ),
    limited("reset-of-one", "the one there is", {"x-ratelimit-reset-tokens": "1s"}, "1"),
    limited("reset-soon", "a second at least", {"x-ratelimit-reset-requests": "1ms"}, "1"),
    limited(
        "reset-late",
        "Claude Code gives up where it is told to wait for more than a minute",
        {"x-ratelimit-reset-tokens": "6m0s"},
        "60",
    ),
    limited("reset-very-late", "the same", {"x-ratelimit-reset-tokens": "1h2m3s"}, "60"),
    limited("reset-beyond-all", "no limit lasts longer than a year", {"x-ratelimit-reset-tokens": "8785h"}, None),
    limited("reset-nonsense", "no duration", {"x-ratelimit-reset-tokens": "2026-11-22T10:00:00Z"}, None),
    RefusalCase(
        id="overloaded-later",
        why="a 503 may say when to come back as well",
        status=503,
        body=openai("Busy"),
        headers={"retry-after": "3"},
        error_type="overloaded_error",
        message="Busy",
        sent_status=529,
        sent_headers={"retry-after": "3"},
        fault=Fault.UPSTREAM,
    ),
    RefusalCase(
        id="overloaded-html-later",
        why="without JSON too",
        status=503,
        body=HTML,
        headers={"retry-after": "3"},
        error_type="overloaded_error",
        message="the upstream answered with status 503 and no JSON",
        sent_status=529,
        sent_headers={"retry-after": "3"},
        fault=Fault.UPSTREAM,
    ),
    RefusalCase(
        id="broken-later",
        why="other errors are not told to wait",
        status=500,
        body=openai("It broke"),
        headers={"retry-after": "3"},
        error_type="api_error",
        message="It broke",
        sent_status=500,
        fault=Fault.UPSTREAM,
    ),
    cleaned("openai-key", "Bad key sk-proj-Ab12_Cd34-Ef56 here", "Bad key [removed] here"),
    cleaned("masked-key", "Incorrect key: sk-proj-****************Cd34.", "Incorrect key: [removed]"),
    cleaned("google-key", "API key AIzaSyA-1234567890abcdefghij not valid", "API key [removed] not valid"),
    cleaned("bearer", "Header was 'Bearer abc.def-123'", "Header was '[removed]"),
    cleaned("aws-key", "Key AKIAIOSFODNN7EXAMPLE unknown", "Key [removed] unknown"),
    cleaned("jwt", "Token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc expired", "Token [removed] expired"),
    cleaned("hexadecimal", "Key 0123456789abcdef0123456789abcdef", "Key [removed]"),
    cleaned("organization", "in organization org-AbCdEf123456 on requests", "in organization [removed] on requests"),
    cleaned("address", "Post https://internal.example:8443/v1?key=1 failed", "Post [removed] failed"),
    cleaned(
        "words-that-are-no-keys",
        "Unknown key parameter in tool mcp__disk-storage__monkey-patched_task-specific_project_v2",
        "Unknown key parameter in tool mcp__disk-storage__monkey-patched_task-specific_project_v2",
    ),
    cleaned("words", "Unsupported value: 'messages[0].role'", "Unsupported value: 'messages[0].role'"),
    refused(
        "words-beside-a-word",
        "Fastify names the status in words and tells the rest beside it",
        400,
        body({"statusCode": 400, "error": "Bad Request", "message": "the field n is not known"}),
        "invalid_request_error",
        "the field n is not known",
        400,
        fault=Fault.CALLER,
    ),
    refused(
        "words-in-a-list",
        "Cloudflare's",
        400,
        body({"success": False, "errors": [{"code": 7000, "message": "No route for that URI"}], "result": None}),
        "invalid_request_error",
        "No route for that URI",
        400,
        fault=Fault.CALLER,
    ),
    refused(
        "words-not-in-utf-8",
        "one letter does not cost the rest",
        400,
        b'{"error": {"message": "caf\xe9 is closed"}}',
        "invalid_request_error",
        "caf\ufffd is closed",
        400,
        fault=Fault.CALLER,
    ),
    refused(
        "words-that-are-none",
        "there is always a message",
        400,
        body({"error": True}),
        "invalid_request_error",
        "true",
        400,
        fault=Fault.CALLER,
    ),
]
