"""The forms of messages on which some servers insist."""

from typing import Any

import pytest
from translator.chat.request.forms import BETWEEN, GO_ON, in_form
from translator.traits import Traits

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}
NO_IMAGE = "[An image stands here that this model cannot see.]"
NO_FILE = "[A document stands here that this model cannot read.]"


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


CALL = said("assistant", None, tool_calls=[{"id": "a"}])
RESULT = said("tool", "done", tool_call_id="a")
LONG = [said("user", [IMAGE, text("one")]), said("assistant", "seen"), said("user", [IMAGE, text("two"), IMAGE])]
AB = [said("user", "b"), said("user", [text("c"), IMAGE])]


@pytest.mark.parametrize(
    ("traits", "messages", "formed", "dropped"),
    [
        (Traits(), AB, AB, []),
        (Traits(content="plain"), [said("user", [text("a"), text("b")])], [said("user", "a\n\nb")], []),
        (Traits(content="plain"), AB, AB, []),
        (
            Traits(content="string"),
            [said("user", [text("a"), IMAGE, FILE]), CALL],
            [said("user", f"a\n\n{NO_IMAGE}\n\n{NO_FILE}"), CALL],
            ["image", "document"],
        ),
        (
            Traits(after_tool="assistant"),
            [CALL, RESULT, said("user", "go on"), said("assistant", "ok"), said("user", "thanks")],
            [CALL, said("tool", "done\n\ngo on", tool_call_id="a"), said("assistant", "ok"), said("user", "thanks")],
            [],
        ),
        (
            Traits(after_tool="assistant"),
            [CALL, RESULT, said("user", [text("look"), IMAGE])],
            [CALL, said("tool", "done\n\nlook", tool_call_id="a"), said("assistant", BETWEEN), said("user", [IMAGE])],
            [],
        ),
        (
            Traits(after_tool="assistant"),
            [CALL, RESULT, said("user", [IMAGE])],
            [CALL, RESULT, said("assistant", BETWEEN), said("user", [IMAGE])],
            [],
        ),
        (
            Traits(turns="alternating"),
            [said("system", "s"), said("assistant", "a"), *AB],
            [
                said("system", "s"),
                said("user", GO_ON),
                said("assistant", "a"),
                said("user", [text("b"), text("c"), IMAGE]),
            ],
            [],
        ),
        (
            Traits(turns="alternating"),
            [said("assistant", "a"), said("assistant", "b"), CALL, RESULT],
            [said("user", GO_ON), said("assistant", "a\n\nb"), CALL, RESULT],
            [],
        ),
        (Traits(turns="alternating"), [said("user", ""), said("user", "b")], [said("user", "b")], []),
        (Traits(max_images=2), LONG, [said("user", [text(NO_IMAGE), text("one")]), *LONG[1:]], ["image"]),
        (Traits(max_images=3), LONG, LONG, []),
    ],
)
def test_what_becomes_of_messages(traits: Traits, messages: list[Any], formed: list[Any], dropped: list[str]) -> None:
    assert in_form(messages, traits) == (formed, dropped)
