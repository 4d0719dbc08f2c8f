"""The caller's request, for all candidates: as it was sent, and as our own classes read it."""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from math import inf
from typing import TypeGuard

from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.request import (
    BetweenToolsThinking,
    DisabledThinking,
    MessagesRequest,
    parse_messages_request,
)
from translator.dialect import Caller
from translator.native.json_members import JsonObject
from translator.stream.answer_blocks import ThinkingDisplay
from translator.stream.beta_emitter import BetaEmitter
from translator.stream.emitter import Emitter

from gateway.access.key_records import KeyRecord
from gateway.answering.lazy_count import LazyCount, ToldCount, count_of
from gateway.upstream.deadlines import Deadlines

_PSEUDONYM_LENGTH = 32
_SESSIONS = ("x-claude-code-session-id", "x-session-id", "x-conversation-id")
"""The headers that name a conversation, Claude Code's first."""
_PASSED = ("anthropic-version", "anthropic-beta")
_VERSION = "2023-06-01"
"""Of a caller that names none, which the upstream would refuse."""
_BYTES_PER_TOKEN = 3
"""Of the JSON of a request that our classes do not understand."""


@dataclass(frozen=True, kw_only=True)
class CallerRequest:
    """A request. `request` is only read for an upstream of another dialect: the others judge it themselves."""

    document: JsonObject
    stream: bool
    """Whether the caller wants a stream."""
    caller: Caller
    key: KeyRecord
    message_id: str
    deadlines: Deadlines
    """The total is for all attempts together."""
    is_beta: bool
    """Whether the answer is to have the shape of beta's half of the API."""
    headers: Mapping[str, str]
    """What an upstream of the same API gets of the caller's."""
    query: str
    """The same, with its question mark."""

    @cached_property
    def request(self) -> MessagesRequest:
        """The request as our classes read it. Raises `ApiError` where it is not valid."""
        return parse_messages_request(self.document.members)

    @property
    def max_tokens(self) -> int:
        """The most that the caller wants; 0 where it says no number, and never less."""
        told = self.document.members.get("max_tokens")
        try:
            return told if _is_limit(told) else self.request.max_tokens
        except ApiError:
            return 0

    def check_limit(self) -> None:
        """Raises `ApiError` where an upstream that gets the request as it is might answer without a limit."""
        if not _is_limit(self.document.members.get("max_tokens")):
            raise invalid_request("max_tokens: must be a whole number, 0 or more: this key has a budget")

    @cached_property
    def input_tokens(self) -> LazyCount:
        """Our estimate, worked out when it is asked for. Raises `ApiError` as `request` does."""
        return count_of(self.request)

    @property
    def estimated_tokens(self) -> LazyCount:
        """The same for who only wants to know what it may cost: a request that goes through is not read for that."""
        return self.input_tokens if self._is_read else self._unread_tokens

    def counting(self) -> AbstractContextManager[None]:
        """While it is being asked: a long prompt is counted beside the upstream's work, where somebody will be told."""
        return self.estimated_tokens.counting()

    @property
    def _is_read(self) -> bool:
        return "request" in vars(self)

    @cached_property
    def _unread_tokens(self) -> LazyCount:
        guess = len(self.document.text) // _BYTES_PER_TOKEN + 1

        def count() -> int:
            try:
                return int(self.input_tokens)
            except ApiError:
                return guess

        return LazyCount(count, guessed_most=guess, estimate=guess, least_counted=inf)

    def emitter(self) -> Emitter:
        """A new one, for the answer of one attempt."""
        return (BetaEmitter if self.is_beta else Emitter)(
            message_id=self.message_id,
            model=self.request.model,
            input_tokens=ToldCount(self.input_tokens),
            thinking=_thinking_display(self.request),
        )


def _thinking_display(request: MessagesRequest) -> ThinkingDisplay:
    """Thinking is shown unless the caller has switched it off or wants it sealed."""
    match request.thinking:
        case DisabledThinking() | BetweenToolsThinking():
            return "dropped"
        case None:
            return "shown"
        case thinking:
            return "omitted" if thinking.display == "omitted" else "shown"


def requested_model(document: JsonObject) -> str:
    """The model that the caller names. Raises `ApiError` where it names none."""
    model = document.members.get("model")
    return model if isinstance(model, str) and model else parse_messages_request(document.members).model


def wants_stream(document: JsonObject) -> bool:
    """Whether the caller wants a stream. Raises `ApiError` where that cannot be told."""
    told = document.members.get("stream")
    return told if isinstance(told, bool) else bool(told and parse_messages_request(document.members).stream)


def passed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of the caller's headers those that an upstream of the same API gets: never a key, a cookie or a workspace."""
    passed = {name: headers[name] for name in _PASSED if headers.get(name)}
    return {"anthropic-version": _VERSION, **passed}


def caller_of(headers: Mapping[str, str], metadata: object, *, key_id: str) -> Caller:
    """The caller of a request. Claude Code packs a device and a session into `metadata.user_id` as JSON."""
    said = metadata.get("user_id") if isinstance(metadata, Mapping) else None
    user_id = said if isinstance(said, str) else None
    session = session_of(headers, metadata)
    agent = headers.get("x-claude-code-agent-id", "")
    return Caller(
        is_claude_code=headers.get("x-app") == "cli",
        session=_pseudonym(key_id, session, agent) if session else None,
        user=_pseudonym(key_id, user_id) if user_id else None,
    )


def session_of(headers: Mapping[str, str], metadata: object) -> str | None:
    """The conversation that the client says it is in: Claude Code's session, or what others send in its place."""
    said = metadata.get("user_id") if isinstance(metadata, Mapping) else None
    named = next(filter(None, map(headers.get, _SESSIONS)), None)
    return named or _session_in(said if isinstance(said, str) else None)


def passed_query(query: Mapping[str, str]) -> str:
    """Of the query what such an upstream gets."""
    return "?beta=true" if query.get("beta") == "true" else ""


def _session_in(user_id: str | None) -> str | None:
    if not user_id:
        return None
    try:
        value = json.loads(user_id)
    except (ValueError, RecursionError):
        return None
    session = value.get("session_id") if isinstance(value, dict) else None
    return session if isinstance(session, str) and session else None


def _pseudonym(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:_PSEUDONYM_LENGTH]


def _is_limit(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0
