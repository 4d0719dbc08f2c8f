"""Takes out of a schema the keywords that an upstream refuses: what it describes stays, what it forbids is lost."""

import re
from collections.abc import Mapping
from typing import Any

from translator.prompt.google_schema import google_schema
from translator.traits import Traits

Schema = dict[str, Any]

BARE = frozenset({"type", "properties", "required", "description", "items", "enum", "anyOf"})
"""What every upstream takes."""
_BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_DATA = frozenset({"enum", "const", "default", "examples", "required"})
_LOOKAROUND = re.compile(r"\(\?(?:[=!]|<[=!])")


def plainer(schema: Mapping[str, Any], traits: Traits) -> tuple[Schema, tuple[str, ...]]:
    """The schema as the upstream takes it, and the keywords that it had and lost. The given one stays as it is."""
    lost: set[str] = set()
    given = google_schema(schema) if traits.schemas == "bare" else schema
    if traits.schemas != "bare" and traits.lookaround and not traits.refused_keywords:
        return dict(given), ()
    plain = _plain(given, traits, lost)
    if traits.schemas == "bare" and plain != schema:
        lost.add("input_schema")
    return plain, tuple(sorted(lost))


def _plain(schema: Mapping[str, Any], traits: Traits, lost: set[str]) -> Schema:
    plain: Schema = {}
    for keyword, value in schema.items():
        if _is_refused(keyword, value, traits):
            lost.add(keyword)
        elif traits.schemas == "bare" and keyword not in BARE:
            continue
        elif keyword in _BY_NAME and isinstance(value, Mapping):
            plain[keyword] = {name: _of_value(each, traits, lost) for name, each in value.items()}
        else:
            plain[keyword] = value if keyword in _DATA else _of_value(value, traits, lost)
    return plain


def _of_value(value: Any, traits: Traits, lost: set[str]) -> Any:
    if isinstance(value, Mapping):
        return _plain(value, traits, lost)
    return [_of_value(each, traits, lost) for each in value] if isinstance(value, list) else value


def _is_refused(keyword: str, value: Any, traits: Traits) -> bool:
    if keyword in traits.refused_keywords:
        return True
    return keyword == "pattern" and not traits.lookaround and isinstance(value, str) and bool(_LOOKAROUND.search(value))
