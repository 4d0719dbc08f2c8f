"""The chat completions dialect, for the gateway to pick by name."""

from collections.abc import Mapping
from typing import SupportsInt

from translator.anthropic.errors import ApiError
from translator.anthropic.request import MessagesRequest
from translator.caller_words import CallerWords
from translator.chat.answer.reader import ChatReader
from translator.chat.request.request import encode_request
from translator.dialect import Caller, EncodedRequest
from translator.prompt.features import output_limit
from translator.refusal.errors import read_error
from translator.stream.emitter import Emitter
from translator.traits import Traits


class ChatDialect:
    """OpenAI chat completions."""

    searches = False

    def encode(self, request: MessagesRequest, *, model: str, traits: Traits, caller: Caller) -> EncodedRequest:
        """Return the upstream's request, which always asks for a stream."""
        return encode_request(request, model=model, traits=traits, caller=caller)

    def reader(
        self,
        emitter: Emitter,
        *,
        encoded: EncodedRequest,
        request: MessagesRequest,
        traits: Traits,
        message_id: str,
        input_tokens: SupportsInt,
    ) -> ChatReader:
        """Return a reader for one answer."""
        return ChatReader(
            emitter,
            traits=traits,
            tool_names=encoded.tool_names,
            stop_sequences=request.stop_sequences or (),
            message_id=message_id,
            input_tokens=input_tokens,
            caller_words=CallerWords(request),
            offered=encoded.body.get("tools", ()),
            # JSON with a list of sources after it is no JSON.
            takes_asides="response_format" not in encoded.body,
        )

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
        return read_error(
            status,
            headers,
            body,
            caller_words=CallerWords(request),
            input_tokens=input_tokens,
            traits=traits,
            asked=output_limit(request.max_tokens, traits),
        )
