"""What the demo model does in a conversation: the steps of a request one after the other, then an honest report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeway.demo.wording import HOW_TO_CONFIGURE, LABEL
from tests.unit.demo.conversations import CLAUDE_CODE, CLINE, calls, plan, tool, turn, user

TASK = "write a file hello.txt with the content Hi there and then run `echo done`"
WRITE = ("Write", {"file_path": "/home/me/work/hello.txt", "content": "Hi there"})
ECHO = ("Bash", {"command": "echo done", "description": "Run `echo done`"})
WEATHER = tool("get_weather", "city")
WRITTEN = "File created successfully at: /home/me/work/hello.txt"


def test_a_task_is_done_step_by_step() -> None:
    said = [user(TASK, "The date is 2026-11-22.")]
    first = plan(said, CLAUDE_CODE)
    assert (calls(first), first.text) == (
        [WRITE],
        f"{LABEL}, and follow your request by rule. First, I write hello.txt.",
    )
    said += turn(first, WRITTEN)
    second = plan(said, CLAUDE_CODE)
    assert (calls(second), second.text) == ([ECHO], "Next, I run `echo done`.")
    said += [*turn(second, "done"), user("", "Remember the todo list.")]
    last = plan(said, CLAUDE_CODE)
    assert calls(last) == []
    assert last.text.splitlines() == [
        "This is what came of it:",
        "",
        f"- write hello.txt: “{WRITTEN}”",
        "- run `echo done`: “done”",
        "",
        f"{LABEL}. {HOW_TO_CONFIGURE}",
    ]


def test_a_failure_ends_it() -> None:
    said = [user(TASK)]
    said += turn(plan(said, CLAUDE_CODE), "<tool_use_error>Permission denied</tool_use_error>")
    last = plan(said, CLAUDE_CODE)
    assert calls(last) == []
    assert last.text.splitlines()[:4] == [
        "A step has failed, so I stop here.",
        "",
        "- write hello.txt: failed, “<tool_use_error>Permission denied</tool_use_error>”",
        "- run `echo done`: not done",
    ]


def test_a_new_request_begins_anew() -> None:
    said = [user("run `true`")]
    said += turn(plan(said, CLAUDE_CODE), "(no output)")
    said += [{"role": "assistant", "content": "Done."}, user("now run `echo again`")]
    assert [call.arguments["command"] for call in plan(said, CLAUDE_CODE).calls] == ["echo again"]


def test_a_file_is_read_before_it_is_changed() -> None:
    said = [user("replace `a` with `b` in x.py")]
    first = plan(said, CLAUDE_CODE)
    assert calls(first) == [("Read", {"file_path": "/home/me/work/x.py"})]
    said += turn(first, "1\ta")
    assert calls(plan(said, CLAUDE_CODE)) == [
        ("Edit", {"file_path": "/home/me/work/x.py", "old_string": "a", "new_string": "b"})
    ]


def test_what_changes_nothing_runs_at_once_unless_the_caller_forbids_it() -> None:
    looks = [("Read", {"file_path": f"/home/me/work/{name}.txt"}) for name in "ab"]
    asked = "read a.txt and b.txt, then run `wc a.txt`"
    assert calls(plan(asked, CLAUDE_CODE)) == looks
    assert calls(plan(asked, CLAUDE_CODE, parallel_tool_calls=False)) == looks[:1]


@pytest.mark.parametrize(
    ("tools", "request_text", "expected"),
    [
        ([tool("write", "content", "filePath")], "create a.txt with content x",
         ("write", {"filePath": "/home/me/work/a.txt", "content": "x"})),
        ([tool("write_to_file", "path", "content")], "create a.txt with content x",
         ("write_to_file", {"path": "/home/me/work/a.txt", "content": "x"})),
        ([tool("execute_command", "command", requires_approval={"type": "boolean"})], "run `ls`",
         ("execute_command", {"command": "ls"})),
        ([tool("bash", "command")], "create a.txt with content it's",
         ("bash", {"command": """printf %s 'it'"'"'s' > a.txt"""})),
        ([tool("bash", "command")], "read my file.txt", ("bash", {"command": "cat file.txt"})),
        ([tool("bash", "command")], "list the files in src", ("bash", {"command": "ls src"})),
        ([tool("LS", "path"), tool("Bash", "command")], "list the files", ("LS", {"path": "/home/me/work"})),
        ([tool("Glob", "pattern"), tool("Bash", "command")], "list the files in src", ("Glob", {"pattern": "src/*"})),
        ([tool("read_file", "path")], "read ~/.profile", ("read_file", {"path": "~/.profile"})),
        (CLINE, "run `ls`", ("run_commands", {"commands": ["ls"]})),
        (CLINE, "read a.txt", ("read_files", {"files": [{"path": "/home/me/work/a.txt"}]})),
        (CLINE[2:], "replace `x` with `y` in a.txt",
         ("editor", {"path": "/home/me/work/a.txt", "old_text": "x", "new_text": "y"})),
        (CLINE, "create a.txt with content x", ("editor", {"path": "/home/me/work/a.txt", "new_text": "x"})),
    ],
)  # fmt: skip
def test_other_agents_tools(tools: list[dict[str, Any]], request_text: str, expected: tuple[str, Any]) -> None:
    assert calls(plan(request_text, tools)) == [expected]


def test_what_an_agent_says_of_its_own_commands_is_not_the_users_request() -> None:
    told = "<command-name>/compact</command-name><local-command-stdout>run `ls`</local-command-stdout>run `pwd`"
    assert calls(plan(told, CLAUDE_CODE)) == [("Bash", {"command": "pwd", "description": "Run `pwd`"})]


def test_a_required_field_that_no_step_knows_is_filled() -> None:
    parameters = {
        "properties": {"command": {"type": "string"}, "safe": {"type": "boolean"}},
        "required": ["command", "safe"],
    }
    shell = {"type": "function", "function": {"name": "shell", "parameters": parameters}}
    assert calls(plan("run `ls`", [shell])) == [("shell", {"command": "ls", "safe": False})]


def test_a_step_that_no_tool_can_do_is_named() -> None:
    assert plan("run `ls`", [WEATHER]).text.startswith(
        f"{LABEL}. You ask me to run `ls`, and none of the offered tools"
    )


def test_tools_that_the_request_speaks_of() -> None:
    paris, oslo = (("get_weather", {"city": city}) for city in ("Paris", "Oslo"))
    assert calls(plan("What is the weather in Paris?", [WEATHER])) == [paris]
    assert calls(plan("What is the weather in Paris and Oslo?", [WEATHER])) == [paris, oslo]
    assert calls(plan("What is the weather in Paris and Oslo?", [WEATHER], parallel_tool_calls=False)) == [paris]


def test_talk_of_agents_and_plans_calls_none_of_an_agents_own_tools() -> None:
    assert calls(plan("What is an agent, and which skills and tasks has it?", CLAUDE_CODE)) == []


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("none", []),
        ("auto", []),
        ("required", [("get_weather", {"city": "Hello"})]),
        ({"type": "function", "function": {"name": "Bash"}}, [("Bash", {"command": "Hello"})]),
    ],
)
def test_tool_choice(choice: Any, expected: list[tuple[str, Any]]) -> None:
    assert calls(plan("Hello", [WEATHER, *CLAUDE_CODE], tool_choice=choice)) == expected


@pytest.mark.parametrize("closing", [tool("attempt_completion", "result"), tool("submit_and_exit", "result")])
def test_an_agent_that_wants_the_last_word_as_a_call_gets_it_once(closing: dict[str, Any]) -> None:
    said = [user("Hello")]
    last = plan(said, [closing])
    assert last.calls[0].arguments["result"].startswith(LABEL)
    assert calls(plan([*said, *turn(last, "ok")], [closing])) == []


def test_structured_output_by_a_call_says_what_the_request_says() -> None:
    structured = tool("StructuredOutput", "name", "mood")
    asked = "This is Alice, who is well."
    assert calls(plan(asked, [structured])) == [("StructuredOutput", {"name": "Alice", "mood": "demo"})]


def test_a_schema_is_answered_with_json() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    response_format = {"type": "json_schema", "json_schema": {"name": "output", "schema": schema}}
    assert json.loads(plan("Fix the login", response_format=response_format).text) == {"title": "Fix the login"}
    assert json.loads(plan("Fix the login", response_format={"type": "json_object"}).text) == {}


@pytest.mark.parametrize(
    ("options", "thinks"),
    [
        ({}, False),
        ({"reasoning_effort": "none"}, False),
        ({"reasoning_effort": "minimal"}, False),
        ({"reasoning_effort": "low"}, True),
        ({"thinking": {"type": "enabled"}}, True),
        ({"thinking": {"type": "disabled"}}, False),
        ({"reasoning": {"effort": "high"}}, True),
    ],
)
def test_it_thinks_when_asked_to(options: dict[str, Any], *, thinks: bool) -> None:
    thoughts = plan(TASK, CLAUDE_CODE, **options).thoughts
    assert thoughts == (
        "What I find in the request: write hello.txt; run `echo done`. Of 2, 0 done so far." if thinks else ""
    )


def test_it_says_what_it_is_and_what_to_set() -> None:
    text = plan("Who are you?").text
    assert text.startswith(LABEL)
    assert "OPENAI_API_KEY" in text
    assert "“Who are you?”" in text


def test_a_prompt_of_an_agents_size_is_read() -> None:
    system = {"role": "system", "content": "Write and run and read files. " * 2000 + "\nWorking directory: /srv\n"}
    said = [system, user("write a.txt with content x", "Run `rm` never. " * 500)]
    assert calls(plan(said, CLAUDE_CODE)) == [("Write", {"file_path": "/home/me/work/a.txt", "content": "x"})]
