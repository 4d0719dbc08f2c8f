"""Names of tools that upstreams accept."""

import pytest
from translator.anthropic.errors import ApiError
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
    assert names.original("what_the_model_has_made_up") == "what_the_model_has_made_up"


@pytest.mark.failure_mode(49)
@pytest.mark.parametrize(
    "called",
    [
        "Bash<|channel|>commentary",
        "functions.Bash:0",
        "functions.Bash",
        "bash",
        "BASH",
        "functionsBash5",
        "Bash:3",
        "default_api.Bash",
        "tools/Bash",
        "namespace::Bash",
        "`Bash`",
        "<|tool|>Bash",
        "to=functions.Bash",
        "Bash_0",
        "assistant<|channel|>commentary to=functions.Bash",
        "Bash<|constrain|>json",
        " Bash ",
        "<\uff5cDSML\uff5c>Bash",
    ],
)
def test_what_a_model_writes_around_a_name(called: str) -> None:
    assert ToolNames(["Read", "Bash", "mcp__fs__read"]).original(called) == "Bash"


@pytest.mark.failure_mode(49)
def test_what_may_be_two_is_neither() -> None:
    names = ToolNames(["Bash", "bash_", "look2", "look"])
    assert names.original("BASH") == "BASH"
    assert [names.original(called) for called in ("look2", "functions.look2", "functions.look:2")] == [
        "look2",
        "look2",
        "look",
    ]


@pytest.mark.parametrize("called", ["fly now", "fly<|channel|>", "x" * 129, "", "a.b", "<" * 9_999])
def test_no_answer_holds_a_name_that_the_api_does_not_allow(called: str) -> None:
    with pytest.raises(ApiError) as caught:
        ToolNames(["Bash"]).original(called)
    assert (caught.value.error_type, caught.value.retry) == ("overloaded_error", None)


def test_names_that_differ_in_half_a_surrogate_pair() -> None:
    assert shorten("a\ud83d") != shorten("a\ud83e")
