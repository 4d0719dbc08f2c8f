"""Every mapping table of the translator, typed a second time by hand: a change must be meant."""

from translator.anthropic.errors import STATUS
from translator.chat.answer import finish_reasons, usage
from translator.prompt import features
from translator.prompt.client_tools import CLIENT_TOOLS, EARLIER_TOOLS
from translator.prompt.tools import REFUSED_TOOL_TYPES
from translator.refusal.errors import OUR_ACCOUNT
from translator.traits import COMMON_FIELDS, EFFORTS


def test_statuses() -> None:
    assert STATUS == {
        "invalid_request_error": 400,
        "authentication_error": 401,
        "billing_error": 402,
        "permission_error": 403,
        "not_found_error": 404,
        "conflict_error": 409,
        "request_too_large": 413,
        "rate_limit_error": 429,
        "api_error": 500,
        "timeout_error": 504,
        "overloaded_error": 529,
    }


def test_finish_reasons() -> None:
    assert finish_reasons.FINISH_REASONS == {
        "stop": "end_turn",
        "eos": "end_turn",
        "eos_token": "end_turn",
        "stop_sequence": "end_turn",
        "end_turn": "end_turn",
        "COMPLETE": "end_turn",
        "STOP": "end_turn",
        "length": "max_tokens",
        "model_length": "max_tokens",
        "model_context_window_exceeded": "model_context_window_exceeded",
        "BLOCKLIST": "refusal",
        "PROHIBITED_CONTENT": "refusal",
        "SPII": "refusal",
        "max_tokens": "max_tokens",
        "MAX_TOKENS": "max_tokens",
        "tool_calls": "tool_use",
        "function_call": "tool_use",
        "tool_use": "tool_use",
        "content_filter": "refusal",
        "SAFETY": "refusal",
        "RECITATION": "refusal",
        "sensitive": "refusal",
    }


def test_service_tiers() -> None:
    assert features.SERVICE_TIERS == {"standard_only": "default"}
    assert usage.SERVICE_TIERS == {
        "default": "standard",
        "priority": "priority",
        "flex": "batch",
        "batch": "batch",
    }


def test_efforts_and_fields() -> None:
    assert EFFORTS == ("none", "minimal", "low", "medium", "high", "xhigh", "max")
    assert {"temperature", "top_p", "stream_options"} == COMMON_FIELDS


def test_statuses_about_our_account() -> None:
    assert {401, 402, 403} == OUR_ACCOUNT


def test_client_tools() -> None:
    shapes = {
        beginning: (tool["name"], list(tool["parameters"]["properties"]), tool["parameters"].get("required", []))
        for beginning, tool in (CLIENT_TOOLS | EARLIER_TOOLS).items()
    }
    earlier_edit = ["path", "file_text", "old_str", "new_str", "insert_line"]
    first = ("str_replace_editor", ["command", *earlier_edit, "view_range"], ["command", "path"])
    edit = [*earlier_edit, "insert_text"]
    assert shapes == {
        "bash_": ("bash", ["command", "restart"], []),
        "text_editor_": ("str_replace_based_edit_tool", ["command", *edit, "view_range"], ["command", "path"]),
        "text_editor_20241022": first,
        "text_editor_20250124": first,
        "memory_": ("memory", ["command", *edit, "old_path", "new_path", "view_range"], ["command"]),
    }
    assert REFUSED_TOOL_TYPES == ("computer_", "browser_")


def test_what_editors_can_do() -> None:
    tools = (CLIENT_TOOLS["text_editor_"], *EARLIER_TOOLS.values(), CLIENT_TOOLS["memory_"])
    commands = [tool["parameters"]["properties"]["command"]["enum"] for tool in tools]
    common = ["view", "create", "str_replace", "insert"]
    assert commands == [common, [*common, "undo_edit"], [*common, "undo_edit"], [*common, "delete", "rename"]]
