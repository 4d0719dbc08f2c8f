"""Reads in a refusal what a model cannot take, as corrections of its traits.

Only what is named is corrected. A wording that nothing here knows stays the refusal that it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple, SupportsInt, get_args

from translator.learned_traits import MOST, LearnedTrait
from translator.refusal.about_responses import find_responses_traits
from translator.refusal.form_wordings import FORM_WORDINGS, MAYBE
from translator.refusal.said import Answer, Said, always
from translator.traits import EFFORTS, OptionalField, Traits

CORRECTABLE = frozenset({400, 404, 422})
"""Statuses that can mean an unsupported parameter; 404 is OpenRouter's, where no endpoint takes images."""

MOST_MINIMUM = 4096
"""A model that wants longer answers than this is not understood."""

LEAST_MAXIMUM = 256
"""Nor is one that allows fewer tokens of an answer, or characters of a description: everybody would pay for it."""

LEAST_KEPT_MAXIMUM = 1024
"""Tokens. Nearly every model can give longer answers: a lower limit is obeyed once, and not taken for the model's."""

WINDOW_SHARE = 0.9
"""Of the context window, from which on prompt and answer together fill it; our count of the prompt is not exact."""

_OF_THIS_PROMPT = re.compile(r"\b(?:prompt|inputs?|messages|conversation|remaining|available|left)\b", re.IGNORECASE)


class Refusal(NamedTuple):
    """An upstream's refusal, with the parameter that it names."""

    message: str
    parameter: str
    """The path of the parameter in the upstream's spelling; empty where it names none."""


def find_traits(refusal: Refusal, traits: Traits) -> tuple[LearnedTrait, ...]:
    """Return the corrections that the refusal asks for and that change something.

    None where it is about something else.
    """
    return tuple(_that_matter(_understood(refusal, traits), traits))


def traits_named(refusal: Refusal, traits: Traits) -> frozenset[str]:
    """Return all corrections that the refusal names, also those that were made before."""
    understood = _understood(refusal, replace(traits, fields=frozenset(_OPTIONAL)))
    return frozenset(name for trait in understood if trait is not None for name in trait.parts)


def _understood(refusal: Refusal, traits: Traits) -> list[LearnedTrait | None]:
    words = f"{refusal.parameter}\n{refusal.message}"
    of_responses = tuple(find_responses_traits(words))
    for pattern, answer in _WORDINGS:
        match = pattern.search(words)
        learned = answer(Said(match, traits)) if match else None
        if match and (learned is not None or answer not in MAYBE):
            return [*of_responses, learned]
    return list(of_responses) or _of_named_parameters(refusal, traits)


def _that_matter(learned: Iterable[LearnedTrait | None], traits: Traits) -> Iterable[LearnedTrait]:
    return (trait for trait in learned if trait is not None and trait.correct(traits) != traits)


def _reasoning_with_tools(said: Said) -> LearnedTrait:
    """Send the effort `none` with tools, as the newer wording asks, or else no effort."""
    takes_none = "none" in said.traits.efforts or re.search(r"to\W+none\b", said.words)
    return LearnedTrait("reasoning_with_tools", "none" if takes_none else "default")


def _limit_field(said: Said) -> LearnedTrait:
    return LearnedTrait("max_tokens_field", said.match["other"].lower())


def _ceiling(said: Said) -> LearnedTrait | None:
    number = next(int(text) for text in said.match.groups() if text)
    most = number - 1 if "exclusive" in said.match[0] else number
    least = max(LEAST_MAXIMUM, said.traits.min_output_tokens)
    return LearnedTrait("max_output_tokens", most) if least <= most <= MOST else None


def is_left_over(trait: LearnedTrait, message: str, *, input_tokens: SupportsInt, window: int | None) -> bool:
    """Tell whether a limit may be the room that this one prompt leaves. Such a limit says nothing of the model."""
    if trait.name != "max_output_tokens" or not isinstance(trait.value, int):
        return False
    if trait.value < LEAST_KEPT_MAXIMUM or _OF_THIS_PROMPT.search(message):
        return True
    return window is not None and trait.value + int(input_tokens) >= window * WINDOW_SHARE


def _floor(said: Said) -> LearnedTrait | None:
    least = int(said.match["least"])
    return LearnedTrait("min_output_tokens", least) if 0 < least <= MOST_MINIMUM else None


def _effort(said: Said) -> LearnedTrait | None:
    """Return the efforts that the refusal lists, or all but the refused one, or none."""
    listing = _LISTED.search(said.words)
    if listing is None and not _REFUSED.search(said.words):
        return None
    listed = set(_WORD.findall(said.words, listing.end())) if listing else set()
    refused = set(_QUOTED_EFFORT.findall(said.words))
    taken = [effort for effort in said.traits.efforts if refused and effort not in refused]
    return LearnedTrait("efforts", tuple(effort for effort in EFFORTS if effort in (listed or taken)))


def _description(said: Said) -> LearnedTrait | None:
    most = int(said.match["most"])
    return LearnedTrait("max_tool_description", most) if LEAST_MAXIMUM <= most <= MOST else None


def _toggle_or_effort(said: Said) -> LearnedTrait:
    """Correct a model that has a thinking switch of its own: no effort may stand beside it."""
    has_toggle = said.traits.thinking_toggle is not None
    return LearnedTrait("efforts", ()) if has_toggle else LearnedTrait("thinking_toggle", "thinking")


def _echo(said: Said) -> LearnedTrait:
    """Send the model's reasoning back. Where the caller has lost it, the model cannot go on thinking."""
    is_known = said.traits.reasoning_echo == "reasoning_content"
    return LearnedTrait("thinking", "off") if is_known else LearnedTrait("reasoning_echo", "reasoning_content")


def _instructions_role(said: Said) -> LearnedTrait:
    return LearnedTrait("instructions_role", "developer" if said.traits.instructions_role == "system" else "system")


def _one_value(said: Said) -> LearnedTrait:
    """Leave the field out: it then has the wanted value."""
    return LearnedTrait("refused_fields", (said.match["field"].lower(),))


_LISTED = re.compile(
    r"(?:supported|allowed|valid|expected|permitted) values? (?:are|is)|(?:must be|expected) one of", re.I
)
_WORD = re.compile(rf"\b({'|'.join(EFFORTS)})\b")
_QUOTED_EFFORT = re.compile(rf"['\"`]({'|'.join(EFFORTS)})['\"`]")
_TOKENS = r"max(?:imum)?[_ ](?:completion[_ ]|output[_ ]|new[_ ])?tokens"
_VALUE = r"['\"`]?(?P<least>\d{1,9})\b"

_AT_MOST = (  # OpenAI, Groq, Alibaba and DeepSeek, Anthropic, Google, Bedrock
    rf"{_TOKENS}.{{0,300}}?(?:(?:at most|up to|must not exceed|cannot exceed|no (?:more|greater|larger) than"
    rf"|less than or equal to"
    r"|cannot be (?:greater|larger|more) than|maximum (?:allowed )?(?:value )?(?:is|of)|model limit of|<="
    r"|≤) ['\"`]?(\d{1,15})"
    r"|\[\d+, ?(\d{1,15})\]|> (\d{1,15}), which is the maximum|\(inclusive\) to (\d{1,15}) \(exclusive\))"
)

_WORDINGS: tuple[tuple[re.Pattern[str], Answer], ...] = tuple(
    (re.compile(wording, re.IGNORECASE | re.DOTALL), answer)
    for wording, answer in (
        # OpenAI
        (r"tools? with reasoning_effort|reasoning_effort.{0,60}\btools\b.{0,20}not support", _reasoning_with_tools),
        (r"use ['\"`](?P<other>max_completion_tokens|max_tokens)['\"`] instead", _limit_field),
        (
            r"messages\[\d+\]\.role|(?:role|roles?).{0,20}['\"`]?developer['\"`]? (?:is )?not support",
            _instructions_role,
        ),
        # the chat templates of open models, and Mistral
        (
            r"system message must be|only (?:one|a single) system message|unexpected role ['\"`]?system",
            always("mid_system", "user"),
        ),
        # DeepSeek, Kimi
        (r"cannot be disabled when reasoning_effort is set", _toggle_or_effort),
        # Kimi
        (r"invalid thinking: only type=enabled is allowed", always("thinking_toggle", None)),
        (r"invalid (?P<field>temperature|top_p): only .{1,16} is allowed", _one_value),
        (r"does not support thinking", always("efforts", ())),  # Ollama
        (
            r"reasoning_content.{0,40}must be passed back|reasoning_content is missing|missing .?reasoning_content",
            _echo,
        ),
        (r"missing (?:a )?['\"`]?thought_signature", always("thought_signature", "google")),
        # LM Studio
        (r"tool_choice type: ['\"`]?object", always("tool_choice", "unnamed")),
        (r"response_format\.type['\"`]? must be ['\"`]?json_schema", always("structured_output", "json_schema")),
        (r"or assistant with prefix true", always("prefill", "prefix")),  # Mistral
        (r"description.{0,60}maximum length (?P<most>\d{1,9})", _description),
        (r"tool call id .{0,120}length of 9", always("tool_call_id", "alphanumeric_9")),
        # Bedrock's Converse
        (r"support tool use in streaming mode", always("streamed_calls", value=False)),
        (r"tool result blocks cannot be provided in the same turn", always("after_tool", "assistant")),
        *FORM_WORDINGS,
        (_AT_MOST, _ceiling),
        (
            rf"{_TOKENS}.{{0,300}}?(?:greater than or equal to|at least|>=|≥) {_VALUE}",
            _floor,
        ),
        (r"reasoning[_.]?effort|\.effort\b|unsupported value: '(?:none|minimal|low|medium|high|xhigh|max)'", _effort),
        (r"temperature['\"`]? and ['\"`]?top_p['\"`]? cannot both", always("refused_fields", ("top_p",))),
    )
)
"""Wordings that say more than the name of a parameter, the first that fits."""

_REFUSED = re.compile(
    r"unsupported|(?:not|n't) (?:\w+ )?support|unrecognized|unknown (?:parameter|name|field|argument)"
    r"|extra (?:inputs|fields)|extra_forbidden|not (?:permitted|allowed|available)|unexpected|deprecated|unavailable"
    r"|only the default|incompatible|cannot be (?:set|used|specified)|not a valid parameter",
    re.IGNORECASE,
)


def _less_structure(said: Said) -> LearnedTrait:
    return LearnedTrait(
        "structured_output", "json_object" if said.traits.structured_output == "json_schema" else "none"
    )


def _less_choice(said: Said) -> LearnedTrait:
    """Weaken the tool choice. `auto` works everywhere; models that think refuse a forced tool."""
    refuses_auto = re.search(r"['\"`]auto['\"`]", said.words) is not None
    return LearnedTrait("tool_choice", "required_or_none" if refuses_auto else "unforced")


def _less_reasoning(said: Said) -> LearnedTrait:
    """Leave out the refused field of that name: the thinking switch, or the reasoning of earlier turns."""
    is_switch = said.traits.thinking_toggle in ("reasoning", "reasoning_enabled")
    return LearnedTrait("thinking_toggle" if is_switch else "reasoning_echo", None)


def _other_limit(said: Said) -> LearnedTrait:
    is_old = said.traits.max_tokens_field == "max_tokens"
    return LearnedTrait("max_tokens_field", "max_completion_tokens" if is_old else "max_tokens")


_PARAMETERS: Mapping[str, Answer] = {
    "tool_choice": _less_choice,
    "response_format": _less_structure,
    "text.format": _less_structure,
    "max_tokens": _other_limit,
    "max_completion_tokens": _other_limit,
    "thinking": always("thinking_toggle", None),
    "enable_thinking": always("thinking_toggle", None),
    "chat_template_kwargs": always("thinking_toggle", None),
    "thinking_budget": always("thinking_toggle", None),
    "reasoning_content": always("reasoning_echo", None),
    "reasoning": _less_reasoning,
    "prefix": always("prefill", "plain"),
    "continue_final_message": always("prefill", "plain"),
    "add_generation_prompt": always("prefill", "plain"),
    "cache_control": always("cache_marker", None),
    "prompt_cache_breakpoint": always("cache_marker", None),
    "extra_content": always("thought_signature", None),
}
_OPTIONAL: tuple[OptionalField, ...] = get_args(OptionalField)
_ALL = "|".join((*_PARAMETERS, *_OPTIONAL))
_IN_PATHS = re.compile(rf"\b({_ALL})\b")
_NAMES = frozenset((*_PARAMETERS, *_OPTIONAL, "reasoning_effort"))
_IN_WORDS = re.compile(rf"(?:\b(?!thinking|reasoning\b|store|prefix|include\b|summary|phase)|['\"`]|[:,] )({_ALL})\b")
"""Names that are English words too count only where they are quoted or listed."""


def is_parameter(name: str) -> bool:
    """Tell whether this is the whole name of a parameter whose refusal is understood."""
    return name in _NAMES


def _of_named_parameters(refusal: Refusal, traits: Traits) -> list[LearnedTrait | None]:
    """Handle a refusal that names parameters. The upstream's path counts before its words."""
    refused = _REFUSED.search(refusal.message)
    if refused is None:
        return []
    names = _IN_PATHS.findall(refusal.parameter) if refusal.parameter else _IN_WORDS.findall(refusal.message)
    learned = [_PARAMETERS[name](Said(refused, traits)) for name in dict.fromkeys(names) if name in _PARAMETERS]
    optional = tuple(sorted(traits.fields.intersection(names)))
    return [*learned, *([LearnedTrait("refused_fields", optional)] if optional else [])]
