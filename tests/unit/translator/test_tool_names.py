"""Names of tools that upstreams accept."""

import pytest
from translator.tool_names import ToolNames, shorten

SHORTENED = {
    "Bash": "Bash",
    "mcp__a-b__c_d": "mcp__a-b__c_d",
    "x" * 64: "x" * 64,
    "x" * 65: "x" * 55 + "_9537c5fd",
    "schauen.früh": "schauen_fr_h_d4318690",
    "": "",
}


@pytest.mark.parametrize("name", SHORTENED)
def test_golden(name: str) -> None:
    assert shorten(name) == SHORTENED[name]


def test_both_directions() -> None:
    names = ToolNames(["Bash", "x" * 65])
    assert names.original("Bash") == "Bash"
    assert names.original("x" * 55 + "_9537c5fd") == "x" * 65
    assert names.original("what the model has made up") == "what the model has made up"


def test_names_that_differ_in_half_a_surrogate_pair() -> None:
    assert shorten("a\ud83d") != shorten("a\ud83e")
