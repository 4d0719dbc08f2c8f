"""docs/mapping.md, which is generated."""

from __future__ import annotations

from typing import get_args

import pytest
from translator.anthropic.blocks import ContentBlock, OpaqueBlock
from translator.anthropic.request import MessagesRequest
from translator.prompt.client_tools import CLIENT_TOOLS
from translator.prompt.tools import REFUSED_TOOL_TYPES

from edgeway.docs.mapping import FILE, documentation
from edgeway.docs.mapping_samples import BLOCKS, FIELDS, TOOLS


def test_it_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == documentation() + "\n", "run: make docs"


def test_every_field_has_a_sample() -> None:
    assert FIELDS.keys() == MessagesRequest.model_fields.keys()


def test_every_block_has_a_sample() -> None:
    union = get_args(get_args(ContentBlock)[0])
    kinds = [
        kind for block in union if block is not OpaqueBlock for kind in get_args(block.model_fields["type"].annotation)
    ]
    assert sorted(BLOCKS) == sorted(kinds)


@pytest.mark.parametrize("beginning", [*CLIENT_TOOLS, *REFUSED_TOOL_TYPES])
def test_every_kind_of_tool_has_a_sample(beginning: str) -> None:
    assert [name for name, tool in TOOLS.items() if tool.get("type", "").startswith(beginning)] == [beginning[:-1]]
