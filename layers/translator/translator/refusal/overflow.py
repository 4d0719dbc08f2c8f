"""Decides whether a refusal says that a request does not fit, and reads its numbers.

Clients recognise only Anthropic's own words and act on them: they compact a prompt that is too long, and ask for less
where only the answer would not fit. So the meaning counts: something that is measured, and that it is too much. What
names another thing that is measured (a field, a picture, a rate) is no overflow: decision 29.
"""

import re
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple, SupportsInt
from unicodedata import normalize

from translator.refusal.quantities import Quantity, Role, read_quantities


class Overflow(NamedTuple):
    """The numbers of an overflow in tokens, as far as the upstream names them."""

    prompt: int | None = None
    limit: int | None = None
    """The context window."""
    completion: int | None = None
    """The tokens for the answer, where the prompt alone would have fitted."""


class Known(NamedTuple):
    """Our own knowledge of the request."""

    input_tokens: SupportsInt
    """Our count of the prompt."""
    window: int | None
    """The model's context window."""
    asked: int | None
    """The tokens that the answer may have."""


_CODES = re.compile(
    r"(?:context|prompt|input|tokens?)\w*(?:exceed|too_?(?:long|large|big|many)|overflow|limit_reached)"
    r"|exceed\w*(?:context|prompt|input)|max_tokens_exceeded"
)
_CONTEXT = re.compile(
    r"context[\s_-]?(?:length|window|size|limit|budget)|\bcontext\b|max_model_len|max_total_tokens|max_seq_len"
    r"|max_num_tokens"
    r"|\bn_ctx\b|\bkv[ -]?cache\b|sequence length"
    r"|(?:model(?:'s)?|prompt|input|message) (?:maximum |max )?(?:context |token "
    r"|input )?(?:length|limit|size)"
    r"|model length|(?:input|prompt|message|total|request(?:ed)?)[\s_]tokens?|tokens?[\s_](?:count|limit|length"
    r"|number|total)"
    r"|number of (?:\w+ )?tokens|tokens? (?:of|in|from) (?:the |your )?(?:\w+ )?(?:prompt|input|messages?"
    r"|image and text)"
    r"|tokens? of image|上下文|コンテキスト|컨텍스트|contexto|contexte|contesto|kontext|контекст"
)
"""What holds the whole conversation: a refusal that speaks of it is about that, whatever else it names."""
_MEASURED = re.compile(
    r"\btokens?\b|\bprompts?\b|\binputs?\b|\bconversation\b|\bmessages?\b|\brequest\b|\bhistory\b|\btext\b|token"
    r"|\bquery\b|\bsequence\b"
    r"|输入|輸入|提示|内容|长度|長度|对话|入力|プロンプト|トークン|입력|프롬프트|토큰"
    r"|eingabe|anfrage|entrada|entrée|invite|jetons"
    r"|запрос|длина|токен|подсказк|richiesta|mensaje|mensagem"
)
_TOO_MUCH = re.compile(
    r"too[\s_]?(?:long|large|big|many|much|lengthy|small)|exceed|overflow|over the|longer|larger|greater|bigger"
    r"|beyond|surpass"
    r"|\babove\b|\ballowed\W{1,3}\d|(?:cache|context|window) (?:is |was )?(?:full|exhausted)"
    r"|more than|at most|less than|fewer than|no more|up to|\bmax(?:imum)?\b|max_\w+|maximal|limit"
    r"|(?:not|n't|cannot) (?:\w+ )?fit"
    r"|\bfits? (?:in|into|within)|does not leave|out of context|not enough|\bonly\b(?=\D{0,24}\d)|should be \[|shorter"
    r"|reduce the length|>=?|≥"
    r"|超|过长|太长|過長|过大|太大|最大|上限|长すぎ|長すぎ|초과|너무 [길깁]|최대"
    r"|zu (?:lang|groß|viele)|überschrei|trop (?:long|grand)|dépass"
    r"|demasiad\w+ (?:larg|grand)|supera|excede|longo demais|muito long|grande demais|troppo lung|слишком|превы"
)
_RATE = re.compile(
    r"per[\s_-](?:min|sec|hour|day|week|month)|/ ?(?:min|sec|hour|day)|\b[rt]p[mds]\b|rate[\s_-]?limit|\bquota"
    r"|concurren|requests? (?:limit|per)"
    r"|too many requests|try again (?:in|later)|retry (?:in|after)|daily|monthly|weekly|billing|credit|balance"
    r"|spend|budget_tokens|parallel"
    r"|限流|频率|并发|配额|额度|余额|レート"
)
_OTHER_THING = re.compile(
    # a field, by its path or as the complaint's subject
    r"(?:messages|tools|input|contents?|functions?|system|stop|metadata|items?|properties)(?:\[\d+\]|\.\d+\b"
    r"|/\d+\b)|\btools?\[|\$\.|\"loc\""
    r"|string too long|array too long|input should (?:be|have)|\b(?:field|property|parameter|argument|header"
    r"|attribute)\b"
    r"|\b(?:name|names|description|title|url|uri|header|headers|filename|enum|schema|pattern|regex|grammar"
    r"|metadata|label|identifier|"
    r"username|user id|tool_call_id|key|value|values|stop sequences?|stop|stop words?|temperature|top_p|top_k"
    r"|logprobs|top_logprobs|seed|penalty"
    r"|n|budget_tokens|thinking budget|cache_control|blocks?|levels?|depth|nesting|prompt_cache_key"
    r"|safety_identifier)\b"
    # a picture, a file
    r"|\b(?:images?|pictures?|photos?|files?|documents?|pdfs?|pages?|attachments?|audio|videos?|pixels?"
    r"|dimensions?|resolution"
    r"|megabytes?|[mkg]i?b|base64|frames?|media|uploads?)\b|图片|图像|文件|画像|이미지"
    # a count of items, a time, a number of calls
    r"|\b(?:tools|functions|items|elements|entries|choices|candidates|sequences|stops|tool calls|turns|minutes?"
    r"|seconds?|hours?|timeouts?|timed out"
    r"|took|time|connections?|redirects?|retries|characters? in|members)\b"
    # another kind of token
    r"|(?:access|auth\w*|bearer|api|id|refresh|security|session|invalid|unexpected|special|csrf|expired) tokens?"
    r"|token (?:is |has )?(?:expired|invalid)"
    r"|input validation error: (?!`?inputs)"
)
_OUTPUT = re.compile(
    r"max(?:imum)?[_ ](?:completion[_ ]|new[_ ]|output[_ ])?tokens|max(?:imum)? (?:completion|output|new)\b"
    r"|model output limit"
    r"|number of (?:completion|output|new) tokens|(?:completion|output|new|generated|response) tokens?|最大输出"
)
_SUM = re.compile(r"\+|\bplus\b|\bsum\b|\btotal\b|together|combined")
_TOKENS_OF_PROMPT = re.compile(r"tokens? (?:of|in) (?:the |your )?(?:prompt|input)\b(?! *(?:\+|(?:and|plus|or)\b))")
_PROMPT = re.compile(r"prompt|\binputs?\b|input_tokens|messages?\b|conversation|输入")
_BOILERPLATE = re.compile(
    r"please (?!.*\b(?:at most|fewer than|less than|below|under) \d).*"
    r"|try (?:to|a|using|increasing|again)\b.*|make sure .*|consider .*|you can .*|see .*"
    r"|invalid_?(?: ?request)?(?: ?error)?:?"
    r"|(?:bad|malformed) (?:input )?request:?|malformed input request:?|type=\w+|请(?!求).*|\(?\brequest[ _-]?id\b.*"
)
"""What a refusal advises or calls itself says nothing of what was too much."""
_SPACE = re.compile(r"[^\S\n]+")
_SENTENCE = re.compile(r"(?<=[.。!?;])\s+|\n")
_PARAMETERS = frozenset(
    {"", "messages", "input", "inputs", "prompt", "input_tokens", "max_tokens", "max_completion_tokens"}
)
"""What the parameter of an overflow can be."""


def find_overflow(message: str, code: str, parameter: str, known: Known, numbers: Mapping[str, int]) -> Overflow | None:
    """Return the overflow that a refusal reports.

    None where it is about something else, or our own numbers disprove it.
    """
    words, codes = _plain(message), _plain(code)
    by_code = _CODES.search(codes) is not None and not _RATE.search(codes)
    if _is_more_than_a_minute_allows(words):
        # A limit per minute, which the request exceeds alone; the answer asked for counts in full.
        return _of_total(read_quantities(words), known)
    if not by_code and not (parameter.lower() in _PARAMETERS and _says_too_long(words)):
        return None
    overflow = _with_numbers(words, known, numbers)
    return None if overflow is None or _is_refuted(overflow, known) else overflow


def is_beyond_window(known: Known) -> bool:
    """Tell whether the prompt exceeds the model's window by our own count."""
    return known.window is not None and int(known.input_tokens) > known.window


def _is_more_than_a_minute_allows(words: str) -> bool:
    return (
        all(part in words for part in ("request too large for", " tokens per min", "limit ", "requested "))
        and "output tokens per min" not in words
    )


def _plain(words: str) -> str:
    return _SPACE.sub(" ", normalize("NFKC", words).casefold())


def _says_too_long(words: str) -> bool:
    sentences = [_BOILERPLATE.sub(" ", sentence) for sentence in _SENTENCE.split(words)]
    said = "\n".join(sentences)
    if _RATE.search(words) or not _TOO_MUCH.search(said):
        return False
    if _CONTEXT.search(_OUTPUT.sub(" ", said)):
        return True
    return _MEASURED.search(said) is not None and not _OTHER_THING.search(said) and not _is_of_output(said)


def _is_of_output(words: str) -> bool:
    """Tell whether the answer is too long, whatever the prompt."""
    output = _OUTPUT.search(words)
    if output is None or _SUM.search(words):
        return False
    prompt = _PROMPT.search(_OUTPUT.sub(_blank, words))
    return prompt is None or output.start() < prompt.start()


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _with_numbers(words: str, known: Known, beside: Mapping[str, int]) -> Overflow | None:
    """Combine the numbers; None where only the answer is named, and no window."""
    if "n_prompt_tokens" in beside and "n_ctx" in beside:
        return Overflow(beside["n_prompt_tokens"], beside["n_ctx"])
    quantities = read_quantities(words)
    if added_up := _added_up(quantities, known):
        return added_up
    limits = _of(quantities, "limit")
    if not _OUTPUT.search(words) and (pair := _pair(quantities)):
        return pair
    prompts, completions = _of(quantities, "prompt"), _of(quantities, "completion")
    totals = _of(quantities, "total", "request")
    limit = _limit(limits, [*prompts, *completions, *totals], known)
    completion = max(completions, default=None)
    prompt = _prompt(prompts, completion, totals)
    if prompt is None and totals and limit is not None:
        if _of(quantities, "total"):
            return _of_total(quantities, known)
        return _of_request(words, max(totals), limit, known)
    if prompt is None and _is_of_output(words):
        return _of_answer(completion, limit, known)
    if completion is None and prompt is not None and limit is not None and prompt <= limit:
        completion = known.asked  # the prompt alone would fit
    return Overflow(prompt, limit, completion)


def _added_up(quantities: list[Quantity], known: Known) -> Overflow | None:
    """Find prompt, answer and total among four numbers that fit: the total exceeds the limit."""
    values, prompts = list(dict.fromkeys(each.value for each in quantities)), set(_of(quantities, "prompt"))
    for first, second in combinations(values, 2):
        total = first + second
        limit = max((value for value in values if value < total and value not in (first, second)), default=None)
        if total in values and limit is not None and not {first, second} <= prompts:  # parts of one prompt
            answers = {known.asked, *_of(quantities, "completion")}
            is_first = first in answers or (second not in answers and second in prompts)
            return Overflow(second, limit, first) if is_first else Overflow(first, limit, second)
    return None


def _pair(quantities: list[Quantity]) -> Overflow | None:
    """Decide between two numbers without roles: the larger one is the prompt, since else it would fit."""
    values = sorted({quantity.value for quantity in quantities})
    if len(values) != 2 or _is_told_apart(quantities):
        return None
    return Overflow(values[1], values[0])


def _is_told_apart(quantities: list[Quantity]) -> bool:
    limits, others = set(_of(quantities, "limit")), set(_of(quantities, "prompt", "total", "request", "completion"))
    return len(limits) == 1 and len(others) == 1 and limits != others


def _of(quantities: list[Quantity], *roles: Role) -> list[int]:
    return [quantity.value for quantity in quantities if quantity.role in roles]


def _limit(limits: list[int], others: list[int], known: Known) -> int | None:
    """Return the limit: of several, the greatest one that is exceeded."""
    if known.window in limits:
        return known.window
    largest = max(others, default=0)
    return max((limit for limit in limits if limit < largest), default=max(limits, default=None))


def _prompt(prompts: list[int], completion: int | None, totals: list[int]) -> int | None:
    """Return the prompt's tokens: named, named in parts, or the total without the answer."""
    if totals and completion is not None and max(totals) > completion:
        return max(totals) - completion
    if not prompts:
        return None
    largest, parts = max(prompts), sum(dict.fromkeys(prompts))
    return parts if any(total == parts for total in totals) else largest


def _of_total(quantities: list[Quantity], known: Known) -> Overflow:
    """Split a total without parts: the answer's limit is known, or else all of it is the prompt."""
    total = max(_of(quantities, "total", "request", "prompt"), default=None)
    limit = max(_of(quantities, "limit"), default=None)
    if total is None:
        return Overflow(None, limit)
    prompt = total - known.asked if known.asked and known.asked < total else min(int(known.input_tokens), total)
    return Overflow(prompt, limit, total - prompt)


def _of_request(words: str, requested: int, limit: int, known: Known) -> Overflow:
    """Decide whether the request's number is the prompt or the total, by the words, or by our own count."""
    own, asked = int(known.input_tokens), known.asked
    if not asked or asked >= requested or _TOKENS_OF_PROMPT.search(words):
        return Overflow(requested, limit)
    is_of_both = abs(requested - asked - own) < abs(requested - own)
    return Overflow(requested - asked, limit, asked) if is_of_both else Overflow(requested, limit)


def _of_answer(completion: int | None, limit: int | None, known: Known) -> Overflow | None:
    """Handle an answer that exceeds the window by itself.

    Our count of the prompt is not exact, so some room is left.
    """
    if completion is None or limit is None or completion <= limit:
        return None
    own = int(known.input_tokens)
    return Overflow(own + own // 8 + 1, limit, completion)


def _is_refuted(overflow: Overflow, known: Known) -> bool:
    """Tell whether the prompt is far from filling the window, and no numbers contradict that."""
    if known.window is None or int(known.input_tokens) * 2 >= known.window:
        return False
    is_told = overflow.limit is not None and (overflow.prompt or 0) + (overflow.completion or 0) > overflow.limit
    return not is_told
