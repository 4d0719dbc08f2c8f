"""What a request says of its caller, as pseudonyms: the names themselves never leave the gateway."""

import json
from collections.abc import Mapping
from hashlib import sha256

from translator.anthropic.request import Metadata
from translator.dialect import Caller

_PSEUDONYM_LENGTH = 32


def caller_of(headers: Mapping[str, str], metadata: Metadata | None, *, key_id: str) -> Caller:
    """The caller of a request. Claude Code packs a device and a session into `metadata.user_id` as JSON."""
    user_id = metadata.user_id if metadata else None
    session = headers.get("x-claude-code-session-id") or _session_in(user_id)
    agent = headers.get("x-claude-code-agent-id", "")
    return Caller(
        is_claude_code=headers.get("x-app") == "cli",
        session=_pseudonym(key_id, session, agent) if session else None,
        user=_pseudonym(key_id, user_id) if user_id else None,
    )


def _session_in(user_id: str | None) -> str | None:
    try:
        value = json.loads(user_id or "null")
    except (ValueError, RecursionError):
        return None
    session = value.get("session_id") if isinstance(value, dict) else None
    return session if isinstance(session, str) and session else None


def _pseudonym(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:_PSEUDONYM_LENGTH]
