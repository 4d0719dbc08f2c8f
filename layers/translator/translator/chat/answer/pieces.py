"""The pieces of an answer, as they pass through the pipeline."""

from dataclasses import dataclass

from translator.chat.answer.call_formats import WrittenCall
from translator.chat.answer.tool_calls import Fragment
from translator.reasoning_details import Detail


@dataclass(frozen=True, slots=True)
class Text:
    """Text of the answer, which may hold tags and calls that the model has written."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class Details:
    """Reasoning in OpenRouter's own form, for a model that wants it back."""

    details: list[Detail]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model's words where it refuses to answer."""

    text: str


Piece = Text | Thinking | Details | Refusal | Fragment | WrittenCall
PlainPiece = Text | Thinking | Fragment
"""What nearly all chunks say. A fragment is one of arguments alone."""


def saying(kind: PlainPiece, words: str) -> PlainPiece:
    """A piece of the same kind, with other words."""
    return kind._replace(arguments=words) if isinstance(kind, Fragment) else type(kind)(words)
