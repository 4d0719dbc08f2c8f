"""What Bedrock's Converse demands of a request, as executable law.

Shapes, required fields, choices and limits are those of AWS's own description, which botocore carries and checks. What
that cannot say comes from the refusals that issues quote, and from
https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-call.html.
"""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from tests.laws.chat_requests import FUNCTION_NAME
from tests.laws.responses_requests import CALL_ID

Json = Mapping[str, Any]

NOWHERE_ELSE = ("reasoningContent", "toolUse")
"""Blocks that only an assistant has."""


@cache
def described(name: str) -> Shape:
    """A shape of bedrock-runtime's, in AWS's own description."""
    return ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2")).shape_for(name)


def check_converse_request(body: Json) -> None:
    """Raise AssertionError where Bedrock would refuse the body for its structure."""
    request = described("ConverseStreamRequest")
    assert set(body) <= set(request.members), "no field is unknown"
    report = ParamValidator().validate({"modelId": "m", **_with_bytes(body)}, request)
    assert not report.has_errors(), report.generate_report()
    turns = body["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant"] * (len(turns) // 2) + ["user"], "turns alternate"
    for turn in turns:
        _check_turn(turn)
    _check_calls(turns, is_offered="toolConfig" in body)
    for tool in body.get("toolConfig", {}).get("tools", ()):
        specification = tool["toolSpec"]
        assert FUNCTION_NAME.fullmatch(specification["name"])
        assert specification["inputSchema"]["json"]["type"] == "object"


def _check_turn(turn: Json) -> None:
    blocks = turn["content"]
    assert blocks, "no turn is empty"
    assert "cachePoint" not in blocks[0], "something is cached"
    if turn["role"] == "user":
        assert not any(name in block for block in blocks for name in NOWHERE_ELSE)
    else:
        assert "reasoningContent" not in blocks[-1], "something follows what was thought"
    for block in [*blocks, *_of_results(blocks)]:
        assert len(block) == 1, "a block is one thing"
        assert "text" not in block or block["text"].strip(), "no text is blank"
    if any("document" in block for block in blocks):
        assert any("text" in block for block in blocks), "a document comes with words"
    names = [block["document"]["name"] for block in [*blocks, *_of_results(blocks)] if "document" in block]
    assert len(set(names)) == len(names), "no two documents have one name"


def _check_calls(turns: Iterable[Json], *, is_offered: bool) -> None:
    """Each call has its one result in the next turn, before anything else, and is known under an id of its own."""
    open_calls: list[str] = []
    named: set[str] = set()
    for turn in turns:
        blocks = [block for block in turn["content"] if "cachePoint" not in block]
        results = [block["toolResult"]["toolUseId"] for block in blocks if "toolResult" in block]
        assert results == open_calls, "every call has its result"
        assert all("toolResult" in block for block in blocks[: len(results)]), "results come first"
        open_calls = [block["toolUse"]["toolUseId"] for block in blocks if "toolUse" in block]
        assert all(CALL_ID.fullmatch(each) for each in open_calls)
        assert not named & set(open_calls), "ids are unique"
        named |= set(open_calls)
        assert is_offered or not open_calls, "calls are told only where tools are offered"
    assert not open_calls, "a call wants its result"


def _of_results(blocks: Iterable[Json]) -> list[Json]:
    return [part for block in blocks if "toolResult" in block for part in block["toolResult"]["content"]]


def _with_bytes(value: Any) -> Any:
    """As botocore takes it before it encodes what is no text itself."""
    if isinstance(value, dict):
        return {
            name: b64decode(part, validate=True)
            if name in ("bytes", "redactedContent") and isinstance(part, str)
            else _with_bytes(part)
            for name, part in value.items()
        }
    return [_with_bytes(part) for part in value] if isinstance(value, list) else value
