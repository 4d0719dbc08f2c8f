"""Takes the newer fields and betas out of a request that a host of the Messages API refuses.

Bedrock follows Anthropic's own API later and in part. A field stands at the top of the request, a beta in its header.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from translator.anthropic.errors import ApiError
from translator.learned_traits import REFUSED_PARTS, CorrectableError, LearnedTrait
from translator.native.json_members import Edit, JsonObject, Span
from translator.traits import NativePart

BETA_HEADER = "anthropic-beta"

_KNOWN: tuple[NativePart, ...] = get_args(NativePart)
_NEEDED = frozenset({"model", "messages", "max_tokens", "stream", "system", "tools", "tool_choice"})
"""Without these a request is another one."""
_REFUSED = r"[^\n]{0,120}?(?:extra inputs are not permitted|not (?:supported|permitted|allowed)|unsupported|unknown)"
_NO_BETA = re.compile(r"invalid beta flag|\bbeta\b[^\n]{0,80}(?:invalid|not supported|unsupported)", re.IGNORECASE)
_TOGETHER: Mapping[str, str] = {
    "context_management": "context-management-2025-06-27",
    "output_config": "effort-2025-11-24",
    "output_format": "structured-outputs-2025-11-13",
    "speed": "fast-mode-2026-02-01",
    "mcp_servers": "mcp-client-2025-11-20",
}
"""A field, and the beta that means it: what refuses one refuses the other."""


class PartsRefusedError(CorrectableError):
    """A refusal that names fields or betas. Without them, the request may be answered."""

    def __init__(self, refusal: ApiError, parts: tuple[str, ...]) -> None:
        known = tuple(sorted(part for part in parts if part in _KNOWN))
        learned = (LearnedTrait(REFUSED_PARTS, known),) if known else ()
        super().__init__(refusal, learned, lasts=bool(known))
        self.parts = parts


def parts_refused(status: int, message: str, document: JsonObject, betas: str) -> tuple[str, ...]:
    """Return the refused fields and betas of the request; none where the message is about something else."""
    if status not in (400, 422):
        return ()
    sent = betas_in(betas)
    named = [beta for beta in sent if beta in message]
    if not named and _NO_BETA.search(message):
        named = sent
    fields = [field for field in document.members if field not in _NEEDED and _is_refused(field, message)]
    found = {*named, *fields}
    found |= {beta for field, beta in _TOGETHER.items() if field in found and beta in sent}
    found |= {field for field, beta in _TOGETHER.items() if beta in found and field in document.members}
    return tuple(sorted(found))


def betas_in(header: str) -> list[str]:
    """Return the betas that a header names."""
    return [beta for each in header.split(",") if (beta := each.strip())]


def headers_without(headers: Mapping[str, str], parts: Collection[str]) -> dict[str, str]:
    """Return the headers without these betas. Where none is left, the header is removed."""
    left = [beta for beta in betas_in(headers.get(BETA_HEADER, "")) if beta not in parts]
    others = {name: value for name, value in headers.items() if name != BETA_HEADER}
    return {**others, BETA_HEADER: ",".join(left)} if left else others


def dropped_of(document: JsonObject, betas: str, parts: Collection[str]) -> tuple[str, ...]:
    """Return the names of what the caller loses."""
    fields = [field for field in document.members if field in parts]
    return (*fields, *(f"{BETA_HEADER}:{beta}" for beta in betas_in(betas) if beta in parts))


def removals(document: JsonObject, parts: Collection[str]) -> Iterable[Edit]:
    """Return the edits that remove these fields with their commas. At least one field always stays."""
    members = list(document.spans.items())
    kept = [position for position, (name, _) in enumerate(members) if name not in parts]
    for position, (name, span) in enumerate(members):
        if name not in parts:
            continue
        if any(each > position for each in kept):
            yield Edit(Span(_start(document.text, span), _start(document.text, members[position + 1][1])), "")
        else:
            yield Edit(Span(members[position - 1][1].end, span.end), "")


def _start(text: str, value: Span) -> int:
    """Return where the name of a member begins, from the place of its value. None of these names holds a quote."""
    closing = text.rindex('"', 0, value.start)
    return text.rindex('"', 0, closing)


def _is_refused(field: str, message: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(field)}\b{_REFUSED}", message, re.IGNORECASE) is not None
