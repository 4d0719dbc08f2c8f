"""What a dialect is: three pure things, to encode a request, to read an answer and to read an error.

How requests are signed and answers framed is a fact of the provider, which the gateway keeps.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, SupportsInt

from translator.anthropic.errors import ApiError
from translator.anthropic.events import Event
from translator.anthropic.request import MessagesRequest
from translator.stream.emitter import Emitter
from translator.tool_names import ToolNames
from translator.traits import Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The facts of the caller that change the translation, as pseudonyms."""

    is_claude_code: bool = False
    session: str | None = None
    """A pseudonym of one conversation, so that upstreams can keep its prompt cached."""
    user: str | None = None
    """A pseudonym of one user, for the upstream's safety checks."""


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """The body of the upstream's request, and the names of the caller's fields that are lost."""

    body: dict[str, Any]
    dropped: tuple[str, ...]
    tool_names: ToolNames
    path: str
    """Of the endpoint, below the provider's base URL."""


class Reader(Protocol):
    """Turns the frames of an upstream's answer into events."""

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is wanted: the upstream has ended, or must be cut."""

    @property
    def is_ending(self) -> bool:
        """Tell whether the model has stopped: only counts and the end marker may follow."""

    @property
    def is_cut(self) -> bool:
        """Tell whether the upstream would go on, and must be stopped."""

    def forget_request(self) -> None:
        """Forget the request, since content has begun: it may be large, and the answer may be long."""

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:
        """Read frames, none before it is needed. Raises `ApiError` at one that is an error or no part of the dialect.

        What those before it have said has been returned by then.
        """

    def close(self) -> list[Event]:
        """Note that the upstream has ended. Raises `ApiError` where it has not finished its answer."""


class Dialect(Protocol):
    """One way of talking to models."""

    searches: bool
    """Whether there are upstreams that search the web by themselves."""

    def encode(self, request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
        """Return the upstream's request, which always asks for a stream."""

    def reader(
        self,
        emitter: Emitter,
        *,
        encoded: EncodedRequest,
        request: MessagesRequest,
        traits: Traits,
        message_id: str,
        input_tokens: SupportsInt,
    ) -> Reader:
        """Return a reader for one answer."""

    def error(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        request: MessagesRequest,
        input_tokens: SupportsInt,
        traits: Traits,
    ) -> ApiError:
        """Return the caller's error for an answer that is no 2xx."""
