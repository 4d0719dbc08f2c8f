"""Reads the few English phrases that the demo model understands as steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

LONGEST_REQUEST: Final = 8_000
"""Characters that are read; a request that a person has typed is shorter."""
MOST_STEPS: Final = 20
DEFAULT_CONTENT: Final = "Hello from Edgeway's demo model.\n"


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Make a file."""

    path: str
    content: str

    def __str__(self) -> str:
        return f"write {self.path}"


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """Change a file."""

    path: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"replace `{self.old}` in {self.path}"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Look into a file."""

    path: str

    def __str__(self) -> str:
        return f"read {self.path}"


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Look into a folder; none is the one that the agent works in."""

    path: str | None

    def __str__(self) -> str:
        return f"list the files in {self.path}" if self.path else "list the files"


@dataclass(frozen=True, slots=True)
class RunCommand:
    """Run a command in a shell."""

    command: str

    def __str__(self) -> str:
        return f"run `{self.command}`"


Step: TypeAlias = WriteFile | ReplaceText | ReadFile | ListFiles | RunCommand

_NO_TOOLS = re.compile(r"\b(?:do not|don't|never) (?:call|use) (?:any )?tools?\b", re.IGNORECASE)
"""Claude Code asks so for the summary of a conversation, which is full of requests that are done already."""

_VERB = r"(?:write|create|make|save|add|put|run|execute|read|show|open|view|display|print|list|replace)"
_CLAUSE_END = rf"""(?=
    [,;.]?\s++(?:(?:and\s++)?(?:then|after\s+that|afterwards|finally)|and\s++{_VERB})\b
    | \.\s++{_VERB}\b | \n\n | \.?\s*+\Z
)"""
_FENCED = r"```.*?```"
_INLINE = r"""(?:`[^`\n]+`|"[^"\n]+"|“[^”\n]+”|'[^'\n]+')"""
_WORD = r"[\w.~/\\:+@-]*[\w/~]"
_PATH = r"[\w~/\\:+@-]*(?:\.[\w-]|[/\\])(?:[\w.~/\\:+@-]*[\w/~])?"
_FILE = rf"""(?:(?:(?:an?|the|my)\s+)?(?:new\s+)?(?:\w+\s+)?file\s+(?:(?:called|named|at)\s+)?
        (?P<file>{_INLINE}|(?!(?:and|for|from|in|into|is|that|then|to|which|with)\b){_WORD})
    |(?:(?:the|my)\s+)?(?P<path>{_INLINE}|(?!https?:){_PATH}))"""
_COMMANDS = r"(?:cat|cd|date|echo|git|ls|make|mkdir|node|npm|npx|pip|printf|pwd|pytest|python3?|uname|uv|wc|whoami)\b"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE | re.DOTALL)


def _write(match: re.Match[str]) -> Iterator[Step]:
    content = match.groupdict().get("content")
    yield WriteFile(_file(match), DEFAULT_CONTENT if content is None else _unquote(content))


def _replace(match: re.Match[str]) -> Iterator[Step]:
    yield ReplaceText(_file(match), _unquote(match["old"]), _unquote(match["new"]))


def _read(match: re.Match[str]) -> Iterator[Step]:
    yield ReadFile(_file(match))
    for more in re.findall(f"{_INLINE}|{_PATH}", match["more"]):
        yield ReadFile(_unquote(more))


def _list(match: re.Match[str]) -> Iterator[Step]:
    yield ListFiles(_unquote(match["folder"]) if match["folder"] else None)


def _run(match: re.Match[str]) -> Iterator[Step]:
    yield RunCommand(_unquote(match["quoted"] or match["plain"] or match["known"]).strip())


_PHRASES: Final[Mapping[re.Pattern[str], Callable[[re.Match[str]], Iterator[Step]]]] = {
    _pattern(rf"""(?:write|create|make|save|add)\s+(?:me\s+)?{_FILE},?\s+
        (?:with|containing|saying|(?:that|which)\s+(?:says|contains)|whose\s+contents?\s+is)\s+(?:exactly\s+)?
        (?:(?:the|this)\s+)?(?:following\s+)?(?:(?:contents?|text|line|words?)\b\s*)?:?\s*
        (?P<content>{_FENCED}|{_INLINE}|.+?{_CLAUSE_END})"""): _write,
    _pattern(rf"""(?:write|save|put|add)\s+(?:the\s+(?:text|line|words?)\s+)?(?P<content>{_FENCED}|{_INLINE})
        \s+(?:in|to|into)\s+{_FILE}"""): _write,
    _pattern(rf"(?:write|create|make|save|add)\s+(?:me\s+)?{_FILE}{_CLAUSE_END}"): _write,
    _pattern(rf"replace\s+(?P<old>{_INLINE})\s+(?:with|by)\s+(?P<new>{_INLINE})\s+in\s+{_FILE}"): _replace,
    _pattern(rf"""(?:read|show|open|view|display|print)\s+(?:me\s+)?(?:(?:the\s+)?contents?\s+of\s+)?{_FILE}
        (?P<more>(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:{_INLINE}|{_PATH}))*)"""): _read,
    _pattern(rf"""(?:list|show|what|which)\s+(?:me\s+)?(?:all\s+)?(?:(?:of\s+)?the\s+)?
        (?:files|folder|directory)\b(?:\s+(?:are|is|lie))?(?:\s+(?:contents|listing))?
        (?:\s+(?:in|of)\s+(?:the\s+)?(?:(?:folder|directory)\s+)?
            (?P<folder>{_INLINE}|(?!(?:the|this|current|my|working)\b){_WORD}))?"""): _list,
    _pattern(rf"""(?:run|execute)\s+(?:(?:the|this)\b:?\s*)?(?:following\s+)?(?:(?:shell|bash|terminal)\s+)?(?:
        (?:commands?\b:?\s*)?(?P<quoted>{_FENCED}|{_INLINE})
        |commands?\b:?\s*(?P<plain>\S.*?{_CLAUSE_END})
        |(?P<known>{_COMMANDS}.*?{_CLAUSE_END}))"""): _run,
}  # fmt: skip
_BEGINNING = re.compile(rf"\b(?:{_VERB}|what|which)\b", re.IGNORECASE)


def read_steps(text: str) -> tuple[Step, ...]:
    """Return what is asked for, in order; what is not understood is passed over."""
    read = text[:LONGEST_REQUEST]
    return () if _NO_TOOLS.search(read) else tuple(islice(_steps(read), MOST_STEPS))


def _steps(text: str) -> Iterator[Step]:
    at = 0
    while begins := _BEGINNING.search(text, at):
        at = begins.end()
        for phrase, steps in _PHRASES.items():
            if match := phrase.match(text, begins.start()):
                yield from steps(match)
                at = match.end()
                break


def _file(match: re.Match[str]) -> str:
    return _unquote(match["file"] or match["path"])


def _unquote(token: str) -> str:
    if fenced := re.fullmatch(r"```(?:[\w+-]*\n)?(.*?)```", token, re.DOTALL):
        return fenced[1]
    inline = re.fullmatch(r"""[`"“'](.+)[`"”']""", token)
    return inline[1] if inline else token
