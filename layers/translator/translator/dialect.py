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
    """What the headers say of the caller that changes the translation; pseudonyms, never names."""

    is_claude_code: bool = False
    session: str | None = None
    """Stands for one conversation, so that upstreams can keep its prompt cached."""
    user: str | None = None
    """Stands for one user, for the upstream's safety checks."""


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """The upstream's request body, and the fields of the caller's that could not be honoured, by name."""

    body: dict[str, Any]
    dropped: tuple[str, ...]
    tool_names: ToolNames


class Reader(Protocol):
    """Turns the frames of an upstream's answer into events."""

    @property
    def is_done(self) -> bool:
        """Whether nothing more is wanted: the upstream has ended, or must be cut."""

    @property
    def is_ending(self) -> bool:
        """Whether the model has stopped: only counts and the end marker may follow."""

    @property
    def is_cut(self) -> bool:
        """Whether the upstream would go on, and must be stopped."""

    def forget_request(self) -> None:
        """Content has begun: let go of what was asked, which may be large, for as long as the answer goes on."""

    def read(self, frames: Iterable[str]) -> Iterator[list[Event]]:
        """Read frames, none before it is needed. Raises `ApiError` at one that is an error or no part of the dialect.

        What those before it have said has been returned by then.
        """

    def close(self) -> list[Event]:
        """The upstream has ended. Raises `ApiError` where it did so in the middle."""


class Dialect(Protocol):
    """One way of talking to models."""

    path: str
    """Of the endpoint, below the provider's base URL."""
    searches: bool
    """Whether there are upstreams that search the web by themselves."""

    def encode(self, request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
        """The upstream's request, always a streamed one."""

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
        """A reader for one answer."""

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
        """What an answer that is no 2xx means to the caller of the request."""
