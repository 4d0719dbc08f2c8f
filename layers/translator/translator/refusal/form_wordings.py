"""The wordings of refusals about the form of a request: schemas, messages, parts."""

import re
from collections.abc import Sequence

from translator.learned_traits import LearnedTrait
from translator.refusal.said import Answer, Said, always
from translator.traits import KEYWORDS, Keyword

GRAMMAR: tuple[Keyword, ...] = (
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "patternProperties",
    "propertyNames",
    "uniqueItems",
)
"""What a server that builds a grammar of a schema may not be able to."""
MOST_IMAGES = 100

_NOT = (
    r"(?:not|n't|never|cannot|un)[ -]?(?:be |yet |currently |\w+ )?(?:support|permit|allow|accept|available"
    r"|compatib|enabled|combin)"
    r"|unsupported|incompatible|invalid|unknown|unrecognized|unexpected|refus|reject|mutually exclusive|不支持"
)
_OF_SOME_KIND = (
    r"(?! ?(?:\w+ )?(?:formats?|types?|extensions?|urls?|links?|sizes?|dimensions?|resolutions?|details?"
    r"|larger|bigger|smaller|above|over|below|under|beyond|with|without|from|of type)\b)"
)
"""What follows says of which kind: such a refusal is about one image or file, not about all."""
_BESIDE = r"\b(?:with|and|when|while|beside|besides|alongside|together|in combination|if|combined)\b"
_FORMAT = (
    r"(?:response[_ ]?(?:format|mime[_ ]?type|schema)|json (?:mode|schema|output|object)"
    r"|structured[_ ]outputs?)"
)
_TOOLS = r"(?:tools?\b|tool[_ ](?:calls?|calling|use)|functions?\b|function[_ ]call(?:s|ing)?)"

_LOOKAROUND = r"look-?(?:around|ahead|behind)"
_GRAMMAR = (
    r"(?:failed|unable|error|could not|cannot|can't).{0,60}(?:grammar|samplers?)|grammar.{0,60}(?:invalid|error"
    r"|fail|support|too|complex)"
    r"|(?:invalid|unsupported) grammar|number of repetitions|json[- ]schema[- ]to[- ]grammar|error parsing grammar"
)
_OTHER_SCHEMAS = (  # Google
    r"unknown name .{1,60} at '(?:request\.)?(?:tools|generation_config)|non-empty for OBJECT type"
    r"|enum.{0,20} only allowed for STRING|when using .?any_of"
)
_SCHEMA = (
    r"(?:invalid|unsupported|malformed|bad|illegal).{0,30}(?:schema|parameters|input_schema).{0,30}(?:function|tool)"
    r"|(?:tool|function).{0,60}(?:schema|parameters|input_schema).{0,60}(?:invalid|not|unsupported|fail|error)"
    r"|(?:schema|parameters).{0,40}(?:of|for|in).{0,10}(?:tool|function).{0,80}|invalid_function_parameters"
    r"|function_declarations?\[|tools?(?:\[\d+\]|\.\d+)\S{0,60}(?:parameters|schema|properties)"
)
_KEYWORD = (
    rf"(?:keyword|schema|tools?|functions?|grammar|properties|parameters).{{0,300}}(?:{_NOT})"
    rf"|(?:{_NOT}).{{0,300}}(?:keyword|schema|tools?|functions?|grammar|properties|parameters)"
)
_BESIDE_TOOLS = (
    rf"json mode cannot be combined with tool|cannot use custom grammar constraints with tools"
    rf"|{_TOOLS}.{{0,60}}{_BESIDE}.{{0,60}}{_FORMAT}|{_FORMAT}.{{0,60}}{_BESIDE}.{{0,60}}{_TOOLS}"
)
_AFTER_TOOL = (
    r"role ['\"`]?user['\"`]? after (?:role )?['\"`]?tool|['\"`]?user['\"`]? (?:message|role|turn)s? (?:cannot"
    r"|can't|can not|may not|must not"
    r"|is not allowed to)? ?(?:directly |immediately )?(?:follow|come after|after)s? (?:a |an |the )?['\"`]?tool"
    r"|(?:tool|function)['\"`]? (?:message|role|result|response)s? must be followed by (?:a |an )?['\"`]?assistant"
    r"|expected (?:role )?['\"`]?assistant['\"`]? (?:message )?after (?:role )?['\"`]?tool"
)
_TURNS = (
    r"roles? must alternate|must alternate|alternat(?:e|ing|ion).{0,40}(?:roles?|turns?|user|assistant)|(?:first"
    r"|initial) (?:non-system )?message"
    r".{0,30}(?:must|should|has to|needs to|to) be.{0,20}user|must (?:start|begin) with (?:a |an )?.{0,12}user"
    r"|no user (?:query|message|content|turn)"
    r"|consecutive (?:\w+ )?(?:messages|turns|roles|user|assistant)|(?:two|2|multiple) (?:or more )?(?:user"
    r"|assistant) (?:messages|turns)"
    r"|text content (?:blocks? )?must be non-?empty|(?:content|messages?|text) (?:must not|cannot|may not|can't"
    r"|should not) be (?:empty|blank)"
    r"|empty (?:text|content|message)s? .{0,20}not (?:allowed|supported|permitted)"
)
_NULL = (
    r"content.{0,80}(?:got null|nonetype|(?:not|n't) be null|null (?:is |are )?not|is null"
    r"|must be a string or an? (?:array|list)"
    r"|(?:string|str) or (?:an? )?(?:array|list)|(?:array|list) or (?:a )?string)|null.{0,40}content.{0,40}(?:not"
    r"|invalid)"
    r"|invalid type: null.{0,40}(?:string|content)|'nonetype' object"
)
_STRING = (
    r"content.{0,80}(?:must|should|has to|needs to|expected to) be (?:of type |a |an )*(?:valid )?(?:string|text"
    r"|str)\b(?! or)"
    r"|content.{0,60}(?:expected|expects|requires|only accepts?|wants) (?:a |of type )?(?:string|str)\b(?! or)"
    r"|expected (?:a )?(?:string|str).{0,40}(?:got|received|found|but) .{0,20}(?:array|list|sequence|object)"
    r"|invalid type: (?:sequence|map), expected a string"
    r"|(?:array|list)s? (?:of )?(?:parts )?(?:as|for|in) (?:message )?content (?:is|are) not"
    r"|cannot unmarshal array into .{0,80}content.{0,40}string"
    r"|content.{0,80}(?:str type expected|input should be a valid string)|only (?:string|text) content"
)
_NO_IMAGES = (  # DeepSeek, OpenRouter, OpenAI, llama.cpp, vLLM, and many more
    r"unknown variant ['\"`]?(?:input_image|image_url)|invalid value: '(?:input_image|image_url)'"
    rf"|(?:not|n't|that) (?:currently )?(?:support|accept|handle|have)s? (?:(?!image)\w+ )?(?:images?|vision"
    rf"|multimodal)(?: inputs?)?\b{_OF_SOME_KIND}"
    r"|(?:not|n't) supported (?:for|by|with) (?:\w+ )?(?:vision|images?|multimodal)"
    r"|(?:vision|images?|multimodal|image content)(?: inputs?| content)? (?:is|are|was) (?:currently )?"
    r"(?:(?:not|un) ?(?:supported|enabled|available|allowed|accepted|permitted)|disabled|forbidden)|at most 0 image"
    r"|not a (?:multimodal|vision|vlm)|text[- ]only (?:model|endpoint)|only (?:supports?|accepts?|takes?|handles?) text"
    r"|(?:supports?|accepts?|takes?|handles?) text[ -]only"
    r"|(?:not|n't|cannot) (?:\w+ )?(?:take|accept|handle|read)s? image_url"
    r"|(?:cannot|can't|unable to) (?:see|read|view|interpret) (?:\w+ )?images?"
    r"|no (?:vision|image) (?:support|capabilit)|image_url.{0,40}(?:not (?:supported|allowed|permitted)"
    r"|unsupported|unexpected)"
    r"|(?:unsupported|unexpected|unknown).{0,40}image_url|mmproj"
    r"|lacks? vision|不支持.{0,6}(?:图片|图像|视觉|多模态|识图)|(?:图片|图像).{0,8}不支持"
)
_FEW_IMAGES = (
    r"(?:at most|only|maximum(?: number)? of|up to|max(?:imum)?|limit(?: is| of)?|no more than"
    r"|exceeds?.{0,30}) (?P<images>\d{1,3}|one|a single)"
    r" (?:images?|pictures?)|(?P<several>(?:multiple|several|more than one) (?:images?|pictures?)).{0,40}(?:not"
    r"|n't|cannot|unsupported)"
    r"|too many images?.{0,60}?(?:max\w*|limit|most|allow\w*)\D{0,20}(?P<most>\d{1,3})"
)
_NO_FILES = (
    r"unknown variant ['\"`]?(?:input_)?file\b|invalid value: '(?:input_)?file'"
    rf"|(?:not|n't|that) (?:currently )?(?:support|accept|handle)s? (?:\w+ )?(?:files?|pdfs?"
    rf"|documents?)\b{_OF_SOME_KIND}"
    r"|(?:pdfs?|files?|documents?)(?: inputs?| uploads?| content| parts?)? (?:is|are) not (?:supported|allowed"
    r"|accepted)"
    r"|(?:unsupported|invalid|unknown) (?:file|document|media|mime|content)[ _]?(?:type|format"
    r"|part)?.{0,40}(?:pdf|file)|不支持.{0,6}(?:文件|文档|pdf)"
)
_PREFILL_WHILE_THINKING = (
    r"prefill.{0,80}(?:thinking|reasoning)|(?:thinking|reasoning).{0,80}prefill|(?:thinking"
    r"|reasoning).{0,60}last (?:message|turn).{0,30}assistant"
)


def _grammar(said: Said) -> LearnedTrait:
    """Remove what grammars cannot take; the second time, everything but names and types."""
    is_known = set(GRAMMAR) <= set(said.traits.refused_keywords)
    return LearnedTrait("schemas", "bare") if is_known else LearnedTrait("refused_keywords", GRAMMAR)


def _google(said: Said) -> LearnedTrait:
    return LearnedTrait("schemas", "bare" if said.traits.schemas == "google" else "google")


def _schema(said: Said) -> LearnedTrait | None:
    """Remove the named keywords, or else all."""
    if _ANSWER.search(said.words):
        return None
    named = _named(said.words, said.traits.refused_keywords)
    return LearnedTrait("refused_keywords", named) if named else LearnedTrait("schemas", "bare")


def _keyword(said: Said) -> LearnedTrait | None:
    named = _named(said.words, said.traits.refused_keywords)
    return LearnedTrait("refused_keywords", named) if named and not _ANSWER.search(said.words) else None


def _named(words: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the keywords in quotation marks, or at the end of a path."""
    found = {match[1] or match[2] for match in _QUOTED_KEYWORD.finditer(words)}
    return tuple(keyword for keyword in KEYWORDS if keyword in found and keyword not in known)


def _null(said: Said) -> LearnedTrait:
    is_known = said.traits.empty_assistant_content == "string"
    return LearnedTrait("content", "string") if is_known else LearnedTrait("empty_assistant_content", "string")


def _few_images(said: Said) -> LearnedTrait | None:
    told = said.match["images"] or said.match["most"] or "1"
    most = int(told) if told.isdigit() else 1
    if most == 0:
        return LearnedTrait("images", value=False)
    return LearnedTrait("max_images", most) if most <= MOST_IMAGES else None


_NAMES = "|".join(re.escape(keyword) for keyword in sorted(KEYWORDS, key=len, reverse=True))
_QUOTED_KEYWORD = re.compile(rf"['\"`]({_NAMES})['\"`]|[.\]]({_NAMES})(?![\w.\[])")
_ANSWER = re.compile(
    r"response_format|response schema|text\.format|json_schema\.schema|output schema|generation_config", re.IGNORECASE
)
"""Of the schema of the answer other corrections speak."""

FORM_WORDINGS: tuple[tuple[str, Answer], ...] = (
    (_LOOKAROUND, always("lookaround", value=False)),
    (_BESIDE_TOOLS, always("structured_output", "none")),
    (_GRAMMAR, _grammar),
    (_OTHER_SCHEMAS, _google),
    (_KEYWORD, _keyword),
    (_SCHEMA, _schema),
    (_AFTER_TOOL, always("after_tool", "assistant")),
    (_FEW_IMAGES, _few_images),
    (_NO_IMAGES, always("images", value=False)),
    (_NO_FILES, always("pdf", value=False)),
    (_NULL, _null),
    (_STRING, always("content", "string")),
    (_PREFILL_WHILE_THINKING, always("thinking", "off")),
    (_TURNS, always("turns", "alternating")),
)
"""The first that fits counts."""
MAYBE = frozenset({_keyword, _schema, _few_images})
"""These look closer: where they find nothing, another wording may fit."""
