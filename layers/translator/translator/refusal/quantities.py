"""Reads the numbers in a refusal, and what each of them counts: the prompt, the answer, both, or the limit.

What a number counts follows from the words next to it, never from its place among the others.
"""

import re
from itertools import zip_longest
from typing import Literal, NamedTuple

Role = Literal["prompt", "completion", "total", "request", "limit"]

LEAST = 16
"""Smaller numbers count no tokens: they are positions, versions, and counts of other things."""
MOST = 10**12
CODE_OF_MINIMAX = 2013
"""Stands at the end of its messages."""
SPAN = 120
"""Characters before and behind a number that may say what it counts."""

_NUMBER = re.compile(
    r"(?<![\w.-])(?P<grouped>\d{1,3}(?:[,_'\u2019 ]\d{3}){1,4}(?![,_']?\d)|\d{1,3}(?:\.\d{3}){1,4}(?!\.?\d))"
    r"|(?<![\d.])(?P<plain>\d{1,15})(?:\.\d{1,6})?(?P<unit>[km](?![a-z0-9]))?(?!\d)",
    re.ASCII,
)
_STATUS = re.compile(r"(?:^|\b(?:status|code|http|error|returned|answered)\b)[\s:=<(]{0,4}[45]\d\d\b")
_SEPARATORS = re.compile(r"[^\d]")

_WORDS: tuple[tuple[Role, str], ...] = (
    (
        "completion",
        (
            r"max_(?:completion_|new_|output_)?tokens|(?:completion|output|new|generated|response)[_ ]tokens?"
            r"|tokens? (?:to generate|of output|in the (?:completion|output|response))|\bcompletion\b|\boutput\b"
            r"|输出|生成"
        ),
    ),
    ("prompt", r"prompt|input|messages?\b|n_keep|conversation|sequence length|输入|提示|入力|입력"),
    ("total", r"total|\bsum\b|together|combined|合计|总"),
    (
        "request",
        r"request|received|given|\bgot\b|actual|result|contains?|\bhas\b|\bhave\b|your|keep|\bis\b|请求|当前|实际",
    ),
)
_BEFORE = [(role, re.compile(words)) for role, words in _WORDS]
_LIMIT = re.compile(
    r"max(?!_(?:completion_|new_|output_)?tokens)|limit|window|context|n_ctx|at most|up to|allow|support|\bonly\b"
    r"|capacit|available|less than|fewer than|smaller than|greater than|longer than|larger than|more than|exceed"
    r"|range|must be|<=|[<>≤]|上限|最大|限制|超过|超出|最多|上下文|コンテキスト|최대"
    r"|überschrei|superior|supera|excede|dépass|превы|massim|límite|limite|grenze|лимит|предел"
)
_JOINED: tuple[tuple[Role, str], ...] = (
    ("completion", r"completion|output|max_(?:new_|completion_|output_)?tokens|new tokens|generat|response"),
    ("limit", r"max(?:imum)?\b|limit|context"),
    ("prompt", r"prompt|inputs?\b|(?:input )?messages\b|functions\b"),
    ("total", r"total|in total"),
)
_ATTACHED = [
    (
        role,
        re.compile(
            r"\s*\)?\s*(?:tokens?\s+)?(?:(?:in|for|from|of|as)\s+)?(?:the\s+|your\s+|text\s+|tool\s+)?[`'\"]?"
            rf"(?:{words})"
        ),
    )
    for role, words in _JOINED
]
_CLAUSE = re.compile(r"(?:(?<!\d),|[.;!?])(?=\s|$)|[\u3002\uff1b\uff0c\n]|\b(?:but|however|whereas|while)\b")


class Quantity(NamedTuple):
    """A number, and its role where the words give it one."""

    value: int
    role: Role | None


def read_quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text in lower case, in order."""
    text = _STATUS.sub(" ", text)
    numbers = [(match.start(), match.end(), value) for match in _NUMBER.finditer(text) if (value := _value(match))]
    found: list[Quantity] = []
    told = 0
    for (begins, ends, value), following in zip_longest(numbers, numbers[1:]):
        after = text[ends : min(following[0] if following else len(text), ends + SPAN)]
        role, length = _attached(after)
        before = text[max(told, begins - SPAN) : begins]
        if found and before.strip() == "+":
            # A sum, as it is calculated: what is asked for stands behind what there is.
            found[-1] = Quantity(found[-1].value, "prompt")
            role = "completion"
        found.append(Quantity(value, role or _role(before)))
        told = ends + length
    return found


def _value(match: re.Match[str]) -> int | None:
    if match["grouped"]:
        value = int(_SEPARATORS.sub("", match["grouped"]))
    else:
        value = int(match["plain"]) * {"k": 1000, "m": 1_000_000}.get(match["unit"] or "", 1)
    return value if LEAST <= value < MOST and value != CODE_OF_MINIMAX else None


def _attached(after: str) -> tuple[Role | None, int]:
    """Return the role that the words joined to a number give it, and where these words end."""
    matches = ((role, match) for role, words in _ATTACHED if (match := words.match(after)))
    return next(((role, match.end()) for role, match in matches), (None, 0))


def _role(before: str) -> Role | None:
    """Return the role that the words before the number, in its own clause, give it."""
    clause = before[max((each.end() for each in _CLAUSE.finditer(before)), default=0) :]
    if _LIMIT.search(clause) and not _is_named(clause):
        return "limit"
    roles: list[Role] = [role for role, words in _BEFORE if words.search(clause)]
    # Of prompt and answer together, whatever it is called.
    return "total" if roles[:2] == ["completion", "prompt"] else next(iter(roles), None)


def _is_named(clause: str) -> bool:
    """Tell whether a limit is only mentioned: the number is joined to the name of a parameter."""
    return re.search(r"(?:max_(?:completion_|new_|output_)?tokens|n_keep)['\"`]*\s*[:=(]*\s*$", clause) is not None
