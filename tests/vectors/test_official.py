"""No name of the official descriptions is forgotten, and each is handled as the table says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

import pytest
from translator.anthropic.blocks import ContentBlock, OpaqueBlock
from translator.anthropic.errors import STATUS, ApiError
from translator.anthropic.events import StopReason, Usage, new_message
from translator.anthropic.request import parse_messages_request
from translator.chat.request.request import encode_request
from translator.dialect import EncodedRequest
from translator.traits import OptionalField, Traits

from tests.laws import DELTAS_OF_BLOCK
from tests.vectors import official
from tests.vectors.official import handling
from tests.vectors.official.handling import Field
from tests.vectors.requests import HELLO, LOOK, LOOK_FUNCTION, OPENAI, SOMEBODY, Json, ask, text, user

ABLE = replace(OPENAI, fields=frozenset(get_args(OptionalField)), efforts=("none", "low", "medium", "high"))
"""An upstream that knows every field."""


def encode(request: Json, traits: Traits = ABLE) -> EncodedRequest:
    return encode_request(parse_messages_request(request), model="m", traits=traits, caller=SOMEBODY)


def hold(row: Field, request: Json, without: Json, name: str) -> None:
    """What becomes of a field that is in one of the requests and not, or as ever, in the other."""
    if row.how == "refused":
        with pytest.raises(ApiError) as caught:
            encode(request)
        assert caught.value.message.startswith(name)
        return
    encoded, plain = encode(request), encode(without)
    assert encoded.dropped == ((name,) if row.how == "named" else ())
    assert (encoded.body != plain.body) == (row.how == "mapped")
    assert row.why or row.how not in ("no effect", "answer"), "what is left out is left out for a reason"


def rows(table: Mapping[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", table)


def test_every_name_is_in_its_table() -> None:
    assert set(handling.FIELDS) == official.request_fields() | {"safeguards"}
    assert set(handling.OUTPUT_CONFIG) == official.properties("OutputConfig", "OutputConfigParam")
    assert set(handling.THINKING) == official.tags("ThinkingConfigParam", "ThinkingConfigParam")
    assert set(handling.TOOL_CHOICE) == official.tags("ToolChoice", "ToolChoiceParam")
    assert set(handling.MESSAGE) == official.properties("InputMessage", "MessageParam")
    assert set(handling.TOOL) == official.properties("Tool", "ToolParam")
    assert set(handling.TOOL_TYPES) == official.tool_types()
    within = {"tool_reference", "browser_state"}
    assert set(handling.BLOCKS) == official.tags("InputContentBlock", "ContentBlockParam") | within
    assert set(handling.STOP_REASONS) == official.values("StopReason", "StopReason")
    assert set(handling.MESSAGE_FIELDS) == official.properties("Message", "Message")
    assert set(handling.USAGE_FIELDS) == official.properties("Usage", "Usage")
    assert set(handling.MODEL_FIELDS) == official.properties("ModelInfo", "ModelInfo")
    assert set(handling.CAPABILITIES) == official.properties("ModelCapabilities", "ModelCapabilities")


def test_every_field_of_a_block_is_read_or_left_out_for_a_reason() -> None:
    """Blocks of features that run at Anthropic are kept whole."""
    read = {
        kind: set(block.model_fields)
        for block in get_args(get_args(ContentBlock)[0])
        if block is not OpaqueBlock
        for kind in get_args(block.model_fields["type"].annotation)
    }
    described = {kind: names for kind, names in official.block_fields().items() if kind in read}
    unread = {kind: names - read[kind] for kind, names in described.items() if names - read[kind]}
    assert unread == {kind: set(names) for kind, names in handling.UNREAD.items()}


def test_the_descriptions_are_read_whole() -> None:
    """Or nothing would be held to them."""
    sizes = (
        len(official.request_fields()),
        len(official.tags("InputContentBlock", "ContentBlockParam")),
        len(official.tool_types()),
        len(official.block_fields()),
        len(official.block_fields()["document"]),
        len(official.properties("Usage", "Usage")),
    )
    assert all(size >= least for size, least in zip(sizes, (25, 20, 25, 20, 6, 10), strict=True))


@rows(handling.FIELDS)
def test_a_field(name: str) -> None:
    row = handling.FIELDS[name]
    hold(row, ask(**{name: row.value}) if name != "messages" else {**ask(), "messages": row.value}, ask(), name)


@rows(handling.OUTPUT_CONFIG)
def test_a_field_of_output_config(name: str) -> None:
    row = handling.OUTPUT_CONFIG[name]
    hold(row, ask(output_config={name: row.value}), ask(), f"output_config.{name}")


@rows(handling.THINKING)
def test_a_kind_of_thinking(name: str) -> None:
    row = handling.THINKING[name]
    hold(row, ask(thinking={"type": name, **row.value}), ask(), "thinking")


@rows(handling.TOOL_CHOICE)
def test_a_choice(name: str) -> None:
    row = handling.TOOL_CHOICE[name]
    hold(row, ask(tools=[LOOK], tool_choice={"type": name, **row.value}), ask(tools=[LOOK]), "tool_choice")


@rows(handling.MESSAGE)
def test_a_field_of_a_message(name: str) -> None:
    row = handling.MESSAGE[name]
    hold(row, ask(HELLO, {**HELLO, name: row.value}, HELLO), ask(HELLO, HELLO, HELLO), name)


@rows(handling.TOOL)
def test_a_field_of_a_tool(name: str) -> None:
    row = handling.TOOL[name]
    tool = {**LOOK, "input_schema": {"type": "object", "properties": {}}}
    hold(row, ask(tools=[{**tool, name: row.value}]), ask(tools=[tool]), f"tools.{name}")


@pytest.mark.failure_mode(29)
@rows(handling.TOOL_TYPES)
def test_a_type_of_tools(name: str) -> None:
    how = handling.TOOL_TYPES[name]
    tool = {"type": name, "name": "planted", "input_schema": {"type": "object"}}
    request = ask(tools=[tool, {**LOOK, "defer_loading": how == "all loaded"}])
    if how == "refused":
        with pytest.raises(ApiError) as caught:
            encode(request)
        assert caught.value.message == f"tools: {name} is not supported by this gateway"
        return
    encoded = encode(request)
    offered = [function["function"]["name"] for function in encoded.body["tools"]]
    if how == "offered":
        assert (sorted(offered), encoded.dropped) == (["look", "planted"], ())
    else:
        assert (encoded.body["tools"], encoded.dropped) == ([LOOK_FUNCTION], (f"tools.{name}",))


def test_a_type_of_tools_of_a_newer_date() -> None:
    assert encode(ask(tools=[LOOK, {"type": "web_fetch_20991231", "name": "f"}])).dropped == (
        "tools.web_fetch_20991231",
    )


@rows(handling.BLOCKS)
def test_a_block(name: str) -> None:
    row = handling.BLOCKS[name]
    block = {"type": name, **row.fields, "cache_control": {"type": "ephemeral"}}
    encoded = encode(ask(HELLO, {"role": row.role, "content": [text("Well."), block]}, user("Go on.")))
    sent = json.dumps(encoded.body)
    assert ("planted" in sent) == row.is_shown
    assert (encoded.dropped, "cache_control" in sent, bool(row.why)) == ((), False, not row.is_shown)


def test_what_is_sent() -> None:
    assert {reason for reason, is_sent in handling.STOP_REASONS.items() if is_sent} | {"pause_turn"} == set(
        get_args(StopReason)
    )
    message = new_message(
        message_id="msg_1", model="m", usage=Usage(input_tokens=1, output_tokens=1), service_tier="standard"
    )
    assert set(message) == {name for name, is_sent in handling.MESSAGE_FIELDS.items() if is_sent}
    assert set(message["usage"]) == {name for name, is_sent in handling.USAGE_FIELDS.items() if is_sent}
    assert set(DELTAS_OF_BLOCK) >= handling.SENT_BLOCKS
    assert set().union(*DELTAS_OF_BLOCK.values()) >= handling.SENT_DELTAS


def test_the_errors() -> None:
    """Two are documented and not described: https://docs.claude.com/en/api/errors."""
    described = official.schemas()["ErrorResponse"]["properties"]["error"]["discriminator"]["mapping"]
    assert set(STATUS) == set(described) | {"request_too_large", "conflict_error"}
