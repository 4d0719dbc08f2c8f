"""The requests of POST /v1/messages and /v1/messages/count_tokens: parsed once at the edge, trusted inside.

Errors read as the real API's do, `messages.0.content.0.text.text: Field required` (see `validation`).
"""

from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from translator.anthropic.blocks import Content, Instructions, MidConversationSystemBlock, ToolChangeBlock
from translator.anthropic.errors import ApiError, invalid_request
from translator.anthropic.shape import Shape
from translator.anthropic.tools import Tool
from translator.anthropic.validation import complaint, quoted_name

EffortLevel = Literal["low", "medium", "high", "xhigh", "max"]


class AutoToolChoice(Shape):
    """The model decides."""

    type: Literal["auto"]
    disable_parallel_tool_use: bool = False


class AnyToolChoice(Shape):
    """The model must call some tool."""

    type: Literal["any"]
    disable_parallel_tool_use: bool = False


class NamedToolChoice(Shape):
    """The model must call this tool."""

    type: Literal["tool"]
    name: str
    disable_parallel_tool_use: bool = False


class NoToolChoice(Shape):
    """The model must call no tool."""

    type: Literal["none"]


ToolChoice = Annotated[AutoToolChoice | AnyToolChoice | NamedToolChoice | NoToolChoice, Field(discriminator="type")]


class EnabledThinking(Shape):
    """Thinking is on; without a budget the effort is medium."""

    type: Literal["enabled"]
    budget_tokens: int | None = Field(default=None, ge=0)
    display: str | None = None


class AdaptiveThinking(Shape):
    """The model decides how much to think, guided by `output_config.effort`."""

    type: Literal["adaptive"]
    display: str | None = None


class DisabledThinking(Shape):
    """Thinking is off."""

    type: Literal["disabled"]


class BetweenToolsThinking(Shape):
    """Thinking only between tool calls, which no other upstream can do: treated as off."""

    type: Literal["between_tools"]


Thinking = Annotated[
    EnabledThinking | AdaptiveThinking | DisabledThinking | BetweenToolsThinking, Field(discriminator="type")
]


class JsonSchemaFormat(Shape):
    """The answer must be JSON that fits the schema."""

    type: Literal["json_schema"]
    schema_: dict[str, Any] = Field(alias="schema")


class OutputConfig(Shape):
    """How much work and in which form."""

    effort: EffortLevel | None = None
    format: JsonSchemaFormat | None = None
    task_budget: dict[str, Any] | None = None


class Metadata(Shape):
    """What the caller says of the request."""

    user_id: str | None = None


class ContextManagement(Shape):
    """What is to be cleared from the conversation before the model sees it."""

    edits: list[dict[str, Any]] | None = None


class Message(Shape):
    """One turn. `system` (and OpenAI's `developer`) may stand anywhere among the others."""

    role: Literal["user", "assistant", "system", "developer"]
    content: Content
    output_config: OutputConfig | None = None
    clear_at: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_content(cls, message: object) -> object:
        """A system message that only changes the output needs no content."""
        if not isinstance(message, dict) or "content" in message:
            return message
        is_enough = message.get("role") == "system" and message.get("output_config")
        return {**message, "content": []} if is_enough else message


class Prompt(Shape):
    """What both endpoints are told: what the model shall see, and how it shall answer."""

    model: str = Field(min_length=1)
    messages: list[Message] = Field(min_length=1, max_length=100_000)
    system: Instructions = Field(default_factory=list)
    tools: list[Tool] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    output_format: JsonSchemaFormat | None = None
    context_management: ContextManagement | None = None
    mcp_servers: list[Any] | None = None
    thread: dict[str, Any] | None = None
    compaction: dict[str, Any] | None = None

    @cached_property
    def inline_tools(self) -> tuple[Tool, ...]:
        """The tools that are defined among the messages."""
        return tuple(
            tool
            for message in self.messages
            for block in message.content
            for change in (block.content if isinstance(block, MidConversationSystemBlock) else (block,))
            if isinstance(change, ToolChangeBlock) and (tool := change.defined) is not None
        )


class CountTokensRequest(Prompt):
    """What a caller asks of POST /v1/messages/count_tokens."""


MOST_STOP_SEQUENCES = 8_191
"""As many as Claude takes at Amazon Bedrock."""
LONGEST_STOP_SEQUENCE = 4_096
"""Characters. Each piece of an answer is compared with all of them."""


def _searchable(sequences: list[str]) -> list[str]:
    if len(sequences) > MOST_STOP_SEQUENCES:
        raise PydanticCustomError("too_many", f"at most {MOST_STOP_SEQUENCES} stop sequences are allowed")
    if any(len(sequence) > LONGEST_STOP_SEQUENCE for sequence in sequences):
        raise PydanticCustomError("too_long", f"each stop sequence has at most {LONGEST_STOP_SEQUENCE} characters")
    if all(sequence.strip() for sequence in sequences):
        return sequences
    raise PydanticCustomError("blank", "each stop sequence must contain non-whitespace")


class MessagesRequest(Prompt):
    """What a caller asks of POST /v1/messages. Token counts are in tokens of the model."""

    max_tokens: int = Field(ge=0)
    stream: bool | None = None
    temperature: float | None = Field(default=None, ge=0, le=1)
    top_p: float | None = Field(default=None, ge=0, le=1)
    top_k: int | None = Field(default=None, ge=0)
    stop_sequences: Annotated[list[str], AfterValidator(_searchable)] | None = None
    metadata: Metadata | None = None
    service_tier: str | None = None
    speed: str | None = None
    inference_geo: str | None = None
    container: Any = None
    fallbacks: Any = None
    safeguards: Any = None


Parsed = TypeVar("Parsed", bound=Prompt)


def parse_messages_request(body: object) -> MessagesRequest:
    """The request in `body` (decoded JSON), or an `invalid_request_error` that names the field at fault."""
    return _parsed(MessagesRequest, body)


def parse_count_tokens_request(body: object, *, is_passed_on: bool = False) -> CountTokensRequest:
    """The request in `body` (decoded JSON), or an `invalid_request_error` that names the field at fault.

    Where the message itself is passed on to Claude, the fields that only Claude honours are no mistake.
    """
    return _parsed(CountTokensRequest, body, is_passed_on=is_passed_on)


def _parsed(shape: type[Parsed], body: object, *, is_passed_on: bool = False) -> Parsed:
    try:
        prompt = shape.model_validate(body)
    except ValidationError as error:
        # `from None`: the cause holds the caller's input, which no log may show.
        raise invalid_request(complaint(error)) from None
    _check_tools(prompt)
    if not is_passed_on:
        _refuse_what_cannot_be_ignored(prompt)
    return prompt


def _check_tools(prompt: Prompt) -> None:
    """What the fields say of each other, in the words of the real API; `auto` and `none` it takes without tools too."""
    listed = [tool.name for tool in prompt.tools or () if tool.name is not None]
    if len(set(listed)) < len(listed):
        raise invalid_request("tools: Tool names must be unique.")
    tools = [*(prompt.tools or ()), *prompt.inline_tools]
    names = [tool.name for tool in tools if tool.name is not None]
    match prompt.tool_choice:
        case AnyToolChoice() if not tools:
            raise invalid_request("tool_choice.any may only be specified while providing tools")
        # One without a name has the official one, or stands for those of an MCP server.
        case NamedToolChoice(name=name) if name not in names and len(names) == len(tools):
            raise invalid_request(f"Tool '{quoted_name(name)}' not found in provided tools")


def _refuse_what_cannot_be_ignored(prompt: Prompt) -> None:
    """The closed list of fields without which the answer would mean something else."""
    if prompt.compaction is not None:
        raise _not_supported("compaction")
    if prompt.mcp_servers:
        raise _not_supported("mcp_servers")
    if prompt.thread is not None and prompt.thread.get("type") == "continue":
        raise thread_not_found()


def thread_not_found() -> ApiError:
    """No thread is kept here, and the API promises none: on this error the SDKs send the whole conversation.

    https://platform.claude.com/docs/en/build-with-claude/message-threads
    """
    message = "thread: this gateway keeps none: send the whole conversation, without `thread` or with `create`"
    return ApiError("not_found_error", message, error_code="thread_not_found")


def _not_supported(field: str) -> ApiError:
    return invalid_request(f"{field}: not supported by this gateway (which would change the answer)")
