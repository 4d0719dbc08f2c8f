"""Reads in a refusal which of two dialects is right, and what of Responses the model does not take.

Only fixed words count; where one of the two is recommended, the refusal names the other.
"""

import re
from collections.abc import Iterable

from translator.learned_traits import LearnedTrait

CHAT, RESPONSES = "chat/completions", "responses"


def find_responses_traits(words: str) -> Iterable[LearnedTrait]:
    """Return the corrections that the words ask for."""
    if _TO_RESPONSES.search(words):
        yield LearnedTrait("dialect", "responses")
    elif _TO_CHAT.search(words):
        yield LearnedTrait("dialect", "chat")
    if _REPLAYED.search(words):
        yield LearnedTrait("reasoning_replay", "off")
    if _SUMMARY.search(words):
        yield LearnedTrait("refused_fields", ("summary",))
    if _TEXT_OUTPUT.search(words):
        yield LearnedTrait("tool_output", "text")
    if _NO_SEARCH.search(words):
        yield LearnedTrait("web_search", "none")


def is_of_one_history(words: str) -> bool:
    """Tell whether this history's reasoning was refused, although the model does take reasoning."""
    return _NO_SUCH_ITEM.search(words) is None


def _pattern(wording: str) -> re.Pattern[str]:
    return re.compile(wording, re.IGNORECASE | re.DOTALL)


def _only(path: str) -> str:
    """Yield the wordings that name the right path, or the wrong one, by its address."""
    other = CHAT if path == RESPONSES else RESPONSES
    here, there = (rf"(?:the )?['\"`]?/?(?:v1/|openai/v1/|/){each}\b" for each in (path, other))
    on = r"(?:in|on|at|via|with|through|by)"
    return (
        rf"only (?:be )?(?:supported|available|used|accessible|served) {on} {here}|\buse {here}"
        rf"|not (?:supported|available|accessible|served)(?: for [\w./:-]+)? {on} {there}"
    )


_TO_RESPONSES = _pattern(_only(RESPONSES))
"""OpenAI: for codex and pro models, and for tools beside reasoning; Copilot."""
_TO_CHAT = _pattern(
    rf"{_only(CHAT)}|(?:invalid url|unexpected endpoint or method|unknown request url).{{0,40}}/responses\b"
    r"|does not support the ['\"`]?/?(?:openai/)?(?:v1/)?responses['\"`]? api"
)
"""OpenAI, LM Studio, Groq, Bedrock."""
_NO_SUCH_ITEM = _pattern(r"not a valid input item type")
_REPLAYED = _pattern(
    r"encrypted[ _]content.{0,200}(?:could not|cannot|can't|failed to) be (?:verified|decrypted|parsed)"
    r"|invalid_encrypted_content|not issued to this caller|item_id did not match"
    r"|item.{0,120}\bnot found\b.{0,60}(?:persisted|store)"
    r"|without its required (?:following )?.{0,20}item"
    rf"|encrypted_content.{{0,80}}(?:did not match|does not match|another organi[sz]ation)|{_NO_SUCH_ITEM.pattern}"
)
"""Of reasoning that goes back: https://github.com/openai/codex/issues/17541 and openai/openai-agents-js/issues/546."""
_SUMMARY = _pattern(r"\breasoning\.summary\b|verified to (?:generate|stream|use) reasoning summar")
_TEXT_OUTPUT = _pattern(
    r"input\[\d+\]\.output\b(?!\[).{0,200}\bstring\b"
    r"|function_call_output.{0,80}(?:must be|expected|only).{0,20}\b(?:string|text)"
)
"""llama.cpp and vLLM."""
_NO_SEARCH = _pattern(
    r"(?:hosted|built-?in|server(?:-side)?) tool.{0,20}\bweb_search\b.{0,40}not (?:supported|available|enabled)"
    r"|(?:unsupported|invalid|unknown|unrecognized) (?:tool )?(?:type|value):? ?['\"`]?web_search\b(?!_call)"
    r"|tool type ['\"`]?web_search['\"`]? (?:is )?(?:not|un)"
)
"""OpenAI's smallest models, Azure's older Regions, and servers that know only functions."""
