"""Changes the traits of a model by what its refusals have taught.

It is kept between requests, in a form that any store can hold, and read again by other releases than wrote it: what is
not understood is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import NoneType
from typing import Any, get_args

from translator.anthropic.errors import ApiError
from translator.tools.marks import MARK
from translator.traits import EFFORTS, KEYWORDS, LEARNABLE, NativePart, OptionalField, Traits

REFUSED_FIELDS = "refused_fields"
"""What `Traits.fields` must do without: learnt as if it were a trait, field by field."""

REFUSED_PARTS = "refused_parts"
REFUSED_KEYWORDS = "refused_keywords"
REFUSED_TOOLS = "refused_tools"
_ADDED_UP = frozenset({REFUSED_FIELDS, REFUSED_PARTS, REFUSED_KEYWORDS, REFUSED_TOOLS})
"""Learnt part by part: what was refused once stays refused."""

TraitValue = str | int | bool | tuple[str, ...] | None

_SETS: Mapping[str, tuple[str, ...]] = {
    REFUSED_FIELDS: get_args(OptionalField),
    "efforts": EFFORTS,
    REFUSED_PARTS: get_args(NativePart),
    REFUSED_KEYWORDS: KEYWORDS,
}
_NUMBERS = ("min_output_tokens", "max_output_tokens", "max_tool_description", "max_images")
MOST = 10**8
"""More tokens or characters than this are no limit of any model."""


@dataclass(frozen=True, slots=True)
class LearnedTrait:
    """One trait as the upstream has said that it is."""

    name: str
    value: TraitValue

    def __post_init__(self) -> None:
        """Only what stands in our own lists, marks, and numbers within reason: nobody's text is ever learnt."""
        if not _is_understood(self.name, self.value):
            raise ValueError(f"no value of the trait {self.name}")

    @property
    def parts(self) -> dict[str, "LearnedTrait"]:
        """What is learnt one by one, under a name for each: every refused field or part, other traits as a whole."""
        if self.name in _ADDED_UP and isinstance(self.value, tuple):
            return {f"{self.name}.{each}": LearnedTrait(self.name, (each,)) for each in self.value}
        return {self.name: self}

    def correct(self, traits: Traits) -> Traits:
        """The traits with this one as it must be."""
        if self.name == REFUSED_FIELDS:
            refused = self.value if isinstance(self.value, tuple) else ()
            return replace(traits, fields=traits.fields - set(refused))
        changes: dict[str, Any] = {self.name: self.value}
        if self.name in (REFUSED_KEYWORDS, REFUSED_TOOLS) and isinstance(self.value, tuple):
            changes = {self.name: tuple(sorted({*getattr(traits, self.name), *self.value}))}
        return replace(traits, **changes)


@dataclass(frozen=True, slots=True)
class LearnedTraits:
    """All that is learnt of one model."""

    by_name: Mapping[str, TraitValue] = field(default_factory=dict)

    def correct(self, traits: Traits) -> Traits:
        """The traits as they must be."""
        for name, value in self.by_name.items():
            traits = LearnedTrait(name, value).correct(traits)
        return traits

    def learn(self, learned: Iterable[LearnedTrait]) -> "LearnedTraits":
        """These too. The newest word on a trait counts, and what was refused once stays refused."""
        known = dict(self.by_name)
        for trait in learned:
            value, before = trait.value, known.get(trait.name)
            if trait.name in _ADDED_UP and isinstance(value, tuple) and isinstance(before, tuple):
                value = tuple(sorted({*before, *value}))
            known[trait.name] = value
        return LearnedTraits(known)

    def attributes(self) -> dict[str, Any]:
        """Text, numbers, booleans and lists of text, for a store."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in sorted(self.by_name.items())
        }


def _is_understood(name: str, value: object) -> bool:
    if name in _SETS:
        return isinstance(value, tuple) and all(each in _SETS[name] for each in value)
    if name == REFUSED_TOOLS:
        return isinstance(value, tuple) and all(isinstance(each, str) and MARK.fullmatch(each) for each in value)
    if name in _NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST
    return value in _CHOICES.get(name, ())


def _literals(annotation: object) -> tuple[object, ...]:
    """The values of a type that is made of literals, None and bool."""
    if annotation is bool:
        return (True, False)
    if annotation is NoneType:
        return (None,)
    parts = get_args(annotation)
    return tuple(value for part in parts for value in _literals(part)) or (annotation,)


_CHOICES = {each.name: _literals(each.type) for each in fields(Traits) if each.name in LEARNABLE}
"""What each of the other traits can be, as its type says."""


class CorrectableError(ApiError):
    """A refusal that says what the model cannot take: asked again with the traits corrected, it will answer.

    `lasts` tells whether the traits are the model's, or of this one request (a limit that its prompt has left over).
    `is_certain` tells that no words were needed: the upstream's code names a parameter that the model does not know.
    `lost` names what of the caller's is lost that the encoder cannot know of.
    """

    def __init__(
        self,
        refusal: ApiError,
        learned: tuple[LearnedTrait, ...],
        *,
        lasts: bool = True,
        is_certain: bool = False,
        lost: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            refusal.error_type,
            refusal.message,
            fault=refusal.fault,
            retry=refusal.retry,
            retry_after=refusal.retry_after,
        )
        self.learned = learned
        self.lasts = lasts
        self.is_certain = is_certain
        self.lost = lost

    def correct(self, traits: Traits) -> Traits:
        """The traits as they must be for the request to be answered."""
        return LearnedTraits().learn(self.learned).correct(traits)

    @property
    def is_of_a_tool(self) -> bool:
        """Whether a tool is taken away by degrees: the same words may ask for the next one."""
        return any(trait.name == REFUSED_TOOLS for trait in self.learned)

    def repeats(self, another: "CorrectableError") -> bool:
        """Whether both are about the same. Their words prove nothing: ids, times and the caller's own words differ."""
        named = {name for trait in self.learned for name in trait.parts}
        return any(name in named for trait in another.learned for name in trait.parts)


class UnexplainedError(CorrectableError):
    """A refusal that names nothing that is known: asked in the plainest form, the upstream may answer.

    What of that form was needed is found out later (`translator.bisection`): nothing is learnt at once.
    """

    def __init__(
        self, refusal: ApiError, plain: tuple[LearnedTrait, ...], *, named: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(refusal, plain, lasts=False)
        self._named = named
        """What it speaks of all the same, which has been corrected already."""

    def repeats(self, another: "CorrectableError") -> bool:
        """Whether both are about the same, though it was corrected."""
        if isinstance(another, UnexplainedError):
            return True
        return any(name in self._named for trait in another.learned for name in trait.parts)
