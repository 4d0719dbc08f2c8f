"""The phrases that the demo model understands, and those that it must leave alone."""

from __future__ import annotations

import pytest

from edgeway.demo.steps import (
    DEFAULT_CONTENT,
    MOST_STEPS,
    ListFiles,
    ReadFile,
    ReplaceText,
    RunCommand,
    Step,
    WriteFile,
    read_steps,
)

UNDERSTOOD: dict[str, tuple[Step, ...]] = {
    "write a file hello.txt with the content Hi there and then run `echo done`": (
        WriteFile("hello.txt", "Hi there"),
        RunCommand("echo done"),
    ),
    "Write a file hello.txt with the content Hi there. Then run the command ls -la.": (
        WriteFile("hello.txt", "Hi there"),
        RunCommand("ls -la"),
    ),
    'Create a file called notes.md containing "# Notes" then read notes.md and list the files.': (
        WriteFile("notes.md", "# Notes"),
        ReadFile("notes.md"),
        ListFiles(None),
    ),
    "Create a python file called primes.py with this content:\n```python\nprint(2)\n```\nand run python primes.py": (
        WriteFile("primes.py", "print(2)\n"),
        RunCommand("python primes.py"),
    ),
    "write file a.txt with content `1`, write file b.txt with content `2` and run cat a.txt b.txt": (
        WriteFile("a.txt", "1"),
        WriteFile("b.txt", "2"),
        RunCommand("cat a.txt b.txt"),
    ),
    "Make a file at /tmp/x/y.txt which contains the word banana": (WriteFile("/tmp/x/y.txt", "banana"),),
    "write hello.txt with text 'It works!'": (WriteFile("hello.txt", "It works!"),),
    'put "hello" into greeting.txt': (WriteFile("greeting.txt", "hello"),),
    "save the text `x` in the file out": (WriteFile("out", "x"),),
    "create hello.py": (WriteFile("hello.py", DEFAULT_CONTENT),),
    "please run `pytest -q`": (RunCommand("pytest -q"),),
    "Run this:\n```bash\nls -l\npwd\n```": (RunCommand("ls -l\npwd"),),
    "Execute the following command: `uname -a`, and then show me /etc/hostname": (
        RunCommand("uname -a"),
        ReadFile("/etc/hostname"),
    ),
    "read a.txt, b.txt and c.txt": (ReadFile("a.txt"), ReadFile("b.txt"), ReadFile("c.txt")),
    "Read the file notes and summarise it": (ReadFile("notes"),),
    "show me the contents of pyproject.toml": (ReadFile("pyproject.toml"),),
    "List all the files in src/app and read README.md": (ListFiles("src/app"), ReadFile("README.md")),
    "what files are in the current directory?": (ListFiles(None),),
    "replace `foo` with `bar` in main.py": (ReplaceText("main.py", "foo", "bar"),),
}
NOT_UNDERSTOOD = [
    "",
    "hello",
    "What is the weather in Paris?",
    "run the tests",
    "write a file prime.py that prints primes",
    "create a file with the content hello",
    "open https://example.com/x.html",
    "Write a poem and then list three reasons to read it.",
]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_understood(text: str) -> None:
    assert read_steps(text) == UNDERSTOOD[text]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_not_understood(text: str) -> None:
    assert read_steps(text) == ()


def test_a_summary_of_a_conversation_repeats_nothing_of_it() -> None:
    assert read_steps("Respond with text only. Do NOT call any tools.\nThe user said: run `make deploy`") == ()


def test_steps_are_few_however_long_the_text() -> None:
    assert len(read_steps("read " + "a.txt, " * 1000)) == MOST_STEPS
