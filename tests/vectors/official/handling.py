"""How every name of the Messages API is handled, typed by hand: whoever learns of a new one decides.

`test_official.py` holds each row to what the code does, and the rows together to the official descriptions.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from tests.vectors.requests import LOOK, Json, text, user

How = Literal["mapped", "answer", "named", "refused", "no effect"]
"""It changes what the upstream is asked; it shapes our own answer; it is lost and named in x-edgeway-dropped; it is a
400; or it is left out without a word, since nothing is lost by that."""


class Field(NamedTuple):
    """A field, a value that asks for something, and why it is handled so where that is not plain."""

    how: How
    value: Any
    why: str = ""


FIELDS: dict[str, Field] = {
    "model": Field(
        "answer", "other-model", "the caller's name for the model stands in the answer; routing resolves it"
    ),
    "messages": Field("mapped", [user("Goodbye")]),
    "max_tokens": Field("mapped", 77),
    "system": Field("mapped", "Be brief."),
    "tools": Field("mapped", [LOOK]),
    "temperature": Field("mapped", 0.5, "also under 2026-10-21: whoever sends it means it"),
    "top_p": Field("mapped", 0.5),
    "top_k": Field("mapped", 5),
    "thinking": Field("mapped", {"type": "enabled", "budget_tokens": 2000}),
    "output_config": Field("mapped", {"format": {"type": "json_schema", "schema": {"type": "object"}}}),
    "output_format": Field("mapped", {"type": "json_schema", "schema": {"type": "object"}}),
    "service_tier": Field("mapped", "standard_only"),
    "metadata": Field("answer", {"user_id": "u"}, "becomes a pseudonym in the gateway, which knows the caller"),
    "stop_sequences": Field("answer", ["stop"], "the gateway itself looks for them, in whatever the upstream says"),
    "stream": Field("answer", True, "the upstream is always asked for a stream"),
    "tool_choice": Field("no effect", {"type": "none"}, "without tools there is nothing to choose"),
    "cache_control": Field("no effect", {"type": "ephemeral"}, "upstreams cache the beginnings of prompts unasked"),
    "container": Field("named", {"id": "c"}),
    "context_management": Field("named", {"edits": [{"type": "clear_tool_uses_20250919"}]}),
    "fallbacks": Field("named", [{"model": "m"}]),
    "inference_geo": Field("named", "eu"),
    "speed": Field("named", "fast"),
    "thread": Field("named", {"type": "create"}, "a thread that is continued is not found"),
    "compaction": Field("refused", {"type": "summarize"}, "the answer would be no summary"),
    "mcp_servers": Field(
        "refused", [{"type": "url", "url": "https://m.test", "name": "m"}], "its tools would be missing"
    ),
    "diagnostics": Field("no effect", {"previous_message_id": "msg_0"}, "asks why Anthropic's cache was missed"),
    "billing_policy": Field("no effect", {}, "about the account at Anthropic"),
    "fallback_credit_token": Field("no effect", "t", "about the account at Anthropic"),
    "betas": Field("no effect", ["some-beta-2026-01-01"], "the SDK sends it as a header; every beta is accepted"),
    "user_profile_id": Field("no effect", "u", "the SDK sends it as a header, about an account at Anthropic"),
    "workspace_id": Field("no effect", "w", "the SDK sends it as a header, about an account at Anthropic"),
    # What Claude Code sends, and no description knows.
    "safeguards": Field("named", [{"type": "dangerous_tool_use"}], "a check of Anthropic's that nobody makes here"),
}

OUTPUT_CONFIG: dict[str, Field] = {
    "effort": Field("mapped", "high"),
    "format": Field("mapped", {"type": "json_schema", "schema": {"type": "object"}}),
    "task_budget": Field("named", {"type": "tokens", "total": 9000}),
}

THINKING: dict[str, Field] = {
    "enabled": Field("mapped", {"budget_tokens": 2000}),
    "adaptive": Field("mapped", {}),
    "disabled": Field("mapped", {}),
    "between_tools": Field("mapped", {}, "as disabled"),
}

TOOL_CHOICE: dict[str, Field] = {
    "auto": Field("mapped", {}),
    "any": Field("mapped", {}),
    "tool": Field("mapped", {"name": "look"}),
    "none": Field("mapped", {}),
}

MESSAGE: dict[str, Field] = {
    "role": Field("mapped", "assistant"),
    "content": Field("mapped", "Goodbye"),
    "clear_at": Field("no effect", "never", "a later user message clears the others: see the vectors of `system`"),
    "output_config": Field("mapped", {"effort": "high"}),
}

TOOL: dict[str, Field] = {
    "name": Field("mapped", "listen"),
    "description": Field("mapped", "Looks."),
    "input_schema": Field("mapped", {"type": "object", "properties": {"at": {"type": "string"}}}),
    "input_examples": Field("mapped", [{"at": "me"}], "in the description"),
    "strict": Field("named", True, "mapped where the schema is one that can be strict"),
    "defer_loading": Field("mapped", True, "offered once the conversation has loaded it"),
    "type": Field("no effect", "custom", "says what is so anyway"),
    "cache_control": Field("no effect", {"type": "ephemeral"}, "upstreams cache the beginnings of prompts unasked"),
    "eager_input_streaming": Field("no effect", True, "arguments are always sent as they come"),
    "allowed_callers": Field("no effect", ["direct"], "there is no other caller than the model"),
}

ToolHow = Literal["offered", "named", "refused", "all loaded"]

TOOL_TYPES: dict[str, ToolHow] = {
    "custom": "offered",
    "bash_20241022": "offered",
    "bash_20250124": "offered",
    "memory_20250818": "offered",
    "text_editor_20241022": "offered",
    "text_editor_20250124": "offered",
    "text_editor_20250429": "offered",
    "text_editor_20250728": "offered",
    "computer_20241022": "refused",
    "computer_20250124": "refused",
    "computer_20251124": "refused",
    "computer_toolset_20260801": "refused",
    "browser_toolset_20260801": "refused",
    "tool_search_tool_bm25": "all loaded",
    "tool_search_tool_bm25_20251119": "all loaded",
    "tool_search_tool_regex": "all loaded",
    "tool_search_tool_regex_20251119": "all loaded",
    "web_search_20250305": "named",
    "web_search_20260209": "named",
    "web_search_20260318": "named",
    "web_fetch_20250910": "named",
    "web_fetch_20260209": "named",
    "web_fetch_20260309": "named",
    "web_fetch_20260318": "named",
    "code_execution_20250522": "named",
    "code_execution_20250825": "named",
    "code_execution_20260120": "named",
    "code_execution_20260521": "named",
    "advisor_20260301": "named",
    "mcp_toolset": "named",
}
"""Offered as a function; named as dropped; refused; or dropped, named and made good by offering the deferred tools."""


class BlockRow(NamedTuple):
    """A block that holds the word `planted`, who sends it, and whether the model is shown the word."""

    role: Literal["user", "assistant", "system"]
    is_shown: bool
    fields: Json
    why: str = ""


_RESULT: Json = {"tool_use_id": "srvtoolu_1", "content": [{"type": "result", "text": "planted"}]}

BLOCKS: dict[str, BlockRow] = {
    "text": BlockRow("user", True, {"text": "planted"}),
    "image": BlockRow("user", True, {"source": {"type": "url", "url": "https://pictures.test/planted"}}),
    "document": BlockRow(
        "user", True, {"source": {"type": "text", "media_type": "text/plain", "data": "x"}, "title": "planted"}
    ),
    "search_result": BlockRow("user", True, {"source": "planted", "title": "x", "content": [text("x")]}),
    "mid_conv_system": BlockRow("user", True, {"content": [text("planted")]}),
    "tool_result": BlockRow("user", True, {"tool_use_id": "toolu_1", "content": "planted"}),
    "container_upload": BlockRow("user", True, {"file_id": "planted"}),
    "tool_use": BlockRow("assistant", True, {"id": "toolu_1", "name": "planted", "input": {}}),
    "thinking": BlockRow("assistant", False, {"thinking": "planted", "signature": "x"}, "only where it is wanted back"),
    "redacted_thinking": BlockRow("assistant", False, {"data": "planted"}, "only its maker can read it"),
    "server_tool_use": BlockRow(
        "assistant", True, {"id": "srvtoolu_1", "name": "web_search", "input": {"q": "planted"}}
    ),
    "web_search_tool_result": BlockRow("assistant", True, _RESULT),
    "web_fetch_tool_result": BlockRow("assistant", True, _RESULT),
    "code_execution_tool_result": BlockRow("assistant", True, _RESULT),
    "bash_code_execution_tool_result": BlockRow("assistant", True, _RESULT),
    "text_editor_code_execution_tool_result": BlockRow("assistant", True, _RESULT),
    "tool_search_tool_result": BlockRow("assistant", True, _RESULT),
    "advisor_tool_result": BlockRow("assistant", True, _RESULT),
    "mcp_tool_use": BlockRow("assistant", True, {"id": "m", "name": "planted", "server_name": "m", "input": {}}),
    "mcp_tool_result": BlockRow("assistant", True, _RESULT),
    "mcp_tool_listing": BlockRow("assistant", True, {"server_name": "planted", "tools": []}),
    "compaction": BlockRow("assistant", True, {"content": "planted"}),
    "fallback": BlockRow(
        "assistant",
        False,
        {"from": {"model": "planted"}, "to": {"model": "m"}},
        "by the description no part of a prompt",
    ),
    "tool_addition": BlockRow(
        "system", False, {"tool": {"type": "tool_reference", "name": "planted"}}, "changes the tools, and is no text"
    ),
    "tool_removal": BlockRow(
        "system", False, {"tool": {"type": "tool_reference", "name": "planted"}}, "changes the tools, and is no text"
    ),
    # Only within a tool_result by the description; taken anywhere.
    "tool_reference": BlockRow("user", True, {"tool_name": "planted"}),
    "browser_state": BlockRow("user", True, {"url": "planted"}),
}

UNREAD: dict[str, dict[str, str]] = {
    "text": {"citations": "what an earlier answer has cited; its text says it too"},
    "tool_use": {
        "cache_control": "the function calls of chat completions hold no marker",
        "caller": "there is no other caller than the model",
        "toolset_name": "of toolsets that are refused",
    },
    "tool_result": {"toolset_name": "of toolsets that are refused"},
    "tool_addition": {"cache_control": "it is no text that a marker could end"},
    "tool_removal": {"cache_control": "it is no text that a marker could end"},
    "fallback": dict.fromkeys(("from", "to", "trigger"), "by the description no part of a prompt"),
}
"""The fields of blocks that are not read, and why nothing is lost by that."""

SENT_BLOCKS = {"text", "thinking", "tool_use", "server_tool_use", "web_search_tool_result"}
"""The blocks of our answers; the others belong to features that run at Anthropic."""

SENT_DELTAS = {"text_delta", "thinking_delta", "signature_delta", "input_json_delta"}
"""Sources are told as text, so there is no `citations_delta`."""

STOP_REASONS: dict[str, bool] = {
    "end_turn": True,
    "max_tokens": True,
    "stop_sequence": True,
    "tool_use": True,
    "refusal": True,
    "model_context_window_exceeded": True,
    "pause_turn": False,
    "compaction": False,
}
"""Whether it is ever sent; the others belong to features that run at Anthropic."""

MESSAGE_FIELDS: dict[str, bool] = {
    "id": True,
    "type": True,
    "role": True,
    "model": True,
    "content": True,
    "stop_reason": True,
    "stop_sequence": True,
    "stop_details": True,
    "container": True,
    "usage": True,
    # Beta's, null to who asks there; the last is absent where it was not asked for.
    "context_management": False,
    "diagnostics": False,
    "input_transformations": False,
}
"""Whether it is in every answer."""

USAGE_FIELDS: dict[str, bool] = {
    "input_tokens": True,
    "output_tokens": True,
    "cache_creation_input_tokens": True,
    "cache_read_input_tokens": True,
    "cache_creation": True,
    "output_tokens_details": True,
    "server_tool_use": True,
    "service_tier": True,
    "inference_geo": True,
    # Beta's, null to who asks there.
    "speed": False,
    "iterations": False,
    "fallback_credit": False,
}
"""Whether it is in every answer."""

MODEL_FIELDS: dict[str, bool] = {
    "type": True,
    "id": True,
    "display_name": True,
    "created_at": True,
    "max_input_tokens": True,
    "max_tokens": True,
    "capabilities": True,
    "lifecycle": True,
    "line": True,
    "deprecated_at": True,
    "retires_at": True,
    # Beta's, and told to who asks there: `fallbacks` is named as dropped.
    "allowed_fallback_models": False,
}
"""Whether it is told of every model."""

CAPABILITIES: dict[str, bool] = {
    "batch": True,
    "citations": True,
    "code_execution": True,
    "context_management": True,
    "effort": True,
    "image_input": True,
    "pdf_input": True,
    "server_tools": True,
    "structured_outputs": True,
    "thinking": True,
    # Beta's, and told to who asks there: the field is refused.
    "compaction": False,
}
"""Whether it is told of every model."""
