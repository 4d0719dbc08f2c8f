"""Translates why the model has stopped into the Messages API's words."""

from translator.anthropic.errors import upstream_failure
from translator.anthropic.events import StopReason

INCOMPLETE: dict[str, StopReason] = {"max_output_tokens": "max_tokens", "content_filter": "refusal"}
"""By `incomplete_details.reason`; any other is an error: a stop that nobody understands is no success."""


def read_incomplete(reason: object, *, is_spent: bool) -> StopReason:
    """Why an answer is incomplete. Raises `ApiError` for a reason that is not known.

    Without a reason it is the limit, where that `is_spent`.
    """
    if isinstance(reason, str) and reason in INCOMPLETE:
        return INCOMPLETE[reason]
    if not reason and is_spent:
        return "max_tokens"
    told = f": {reason[:64]!r}" if isinstance(reason, str) else ""
    raise upstream_failure(f"the upstream's answer is incomplete for a reason that is not known{told}")
