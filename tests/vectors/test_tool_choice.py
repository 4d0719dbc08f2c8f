"""What becomes of a caller's tool_choice at upstreams that do not know all of its values."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from translator.anthropic.request import parse_messages_request
from translator.chat.request import encode_request
from translator.dialect import Caller
from translator.traits import Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    id: str
    why: str
    upstream: Literal["any", "unforced", "required_or_none"]
    choice: dict[str, Any]
    tools: tuple[str, ...] = ("read", "write")
    fields: dict[str, Any]
    """All that is sent of the choice."""
    dropped: tuple[str, ...] = ()


AUTO, ANY, NONE = {"type": "auto"}, {"type": "any"}, {"type": "none"}
NAMED = {"type": "tool", "name": "read"}
FUNCTION = {"type": "function", "function": {"name": "read"}}

VECTORS = [
    Vector(id="any-auto", why="the same", upstream="any", choice=AUTO, fields={"tool_choice": "auto"}),
    Vector(id="any-any", why="another word", upstream="any", choice=ANY, fields={"tool_choice": "required"}),
    Vector(id="any-none", why="the same", upstream="any", choice=NONE, fields={"tool_choice": "none"}),
    Vector(id="any-named", why="nested", upstream="any", choice=NAMED, fields={"tool_choice": FUNCTION}),
    Vector(id="unforced-auto", why="known", upstream="unforced", choice=AUTO, fields={"tool_choice": "auto"}),
    Vector(id="unforced-none", why="known", upstream="unforced", choice=NONE, fields={"tool_choice": "none"}),
    Vector(
        id="unforced-any",
        why="a thinking model refuses to be forced: it is left to choose, and the caller is told",
        upstream="unforced",
        choice=ANY,
        fields={"tool_choice": "auto"},
        dropped=("tool_choice",),
    ),
    Vector(
        id="unforced-named",
        why="the same for one tool by its name",
        upstream="unforced",
        choice=NAMED,
        fields={"tool_choice": "auto"},
        dropped=("tool_choice",),
    ),
    Vector(
        id="required-or-none-auto",
        why="Cohere refuses the word `auto` and means it where the field is absent, so nothing is lost",
        upstream="required_or_none",
        choice=AUTO,
        fields={},
    ),
    Vector(
        id="required-or-none-any",
        why="Cohere's REQUIRED",
        upstream="required_or_none",
        choice=ANY,
        fields={"tool_choice": "required"},
    ),
    Vector(
        id="required-or-none-none",
        why="Cohere's NONE",
        upstream="required_or_none",
        choice=NONE,
        fields={"tool_choice": "none"},
    ),
    Vector(
        id="required-or-none-named",
        why="some tool is forced, but not which: that loss is named",
        upstream="required_or_none",
        choice=NAMED,
        fields={"tool_choice": "required"},
        dropped=("tool_choice.name",),
    ),
    Vector(
        id="required-or-none-named-alone",
        why="of one tool, `required` forces that one",
        upstream="required_or_none",
        choice=NAMED,
        tools=("read",),
        fields={"tool_choice": "required"},
    ),
    Vector(
        id="required-or-none-auto-serial",
        why="what else the choice says is told apart from its type",
        upstream="required_or_none",
        choice={**AUTO, "disable_parallel_tool_use": True},
        fields={},
        dropped=("tool_choice.disable_parallel_tool_use",),
    ),
]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_tool_choice(vector: Vector) -> None:
    request = parse_messages_request(
        {
            "model": "m",
            "max_tokens": 100,
            "messages": [{"role": "user", "content": "hello"}],
            "tools": [{"name": name, "input_schema": {"type": "object", "properties": {}}} for name in vector.tools],
            "tool_choice": vector.choice,
        }
    )
    encoded = encode_request(request, model="m", traits=Traits(tool_choice=vector.upstream), caller=Caller())
    sent = {name: encoded.body[name] for name in ("tool_choice", "parallel_tool_calls") if name in encoded.body}
    assert (sent, encoded.dropped) == (vector.fields, vector.dropped)
