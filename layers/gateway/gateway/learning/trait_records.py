"""The learned traits of one model, and the keys that they come from. Pure.

A learned trait is its key's own. It is everybody's when enough keys have met it, or when it is certain: decision 23.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from translator.learned_traits import REFUSED_TOOLS, LearnedTrait, LearnedTraits

MOST_TOOLS = 64
"""Of callers, of which one key can teach that a model refuses them."""
KEYS_FOR_EVERYBODY = 3
"""What so many keys have met is no caller's invention."""


@dataclass(frozen=True, slots=True)
class TraitRecord:
    """One trait, or one refused field, that one key has met. `ends` is in seconds since the epoch."""

    name: str
    trait: LearnedTrait
    key_id: str
    ends: int
    is_certain: bool = False

    def attributes(self) -> dict[str, Any]:
        """Return the attributes for a store: names of our own lists, numbers, and the key."""
        written = LearnedTraits().learn([self.trait]).attributes()
        return {"trait": self.trait.name, "value": written[self.trait.name], "key": self.key_id,
                "certain": self.is_certain}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownTrait:
    """One trait: the keys that have met it, and whether it holds for everybody."""

    name: str
    trait: LearnedTrait
    key_ids: tuple[str, ...]
    is_shared: bool
    ends: int
    """When the last of the keys forgets it, in seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class TraitRecords:
    """The learned traits of one model, by the name of the trait and the key."""

    by_name_and_key: Mapping[tuple[str, str], TraitRecord] = field(default_factory=dict)

    def learn(self, traits: Iterable[TraitRecord]) -> "TraitRecords":
        """Add traits. A key keeps its newest value of each trait."""
        return TraitRecords({**self.by_name_and_key, **{(each.name, each.key_id): each for each in traits}})

    def within_limits(self, traits: Sequence[TraitRecord]) -> list[TraitRecord]:
        """Return the traits without those beyond the number of tools that one key can teach."""
        tools = [each for each in self.by_name_and_key.values() if each.trait.name == REFUSED_TOOLS]
        return [
            each
            for each in traits
            if each.trait.name != REFUSED_TOOLS or sum(tool.key_id == each.key_id for tool in tools) < MOST_TOOLS
        ]

    def known(self, now: float) -> list[KnownTrait]:
        """Return the traits that have not expired. The one that was met last comes last."""
        met: dict[tuple[str, LearnedTrait], list[TraitRecord]] = {}
        for each in self.by_name_and_key.values():
            if each.ends > now:
                met.setdefault((each.name, each.trait), []).append(each)
        known = [
            KnownTrait(
                name,
                trait,
                tuple(sorted(each.key_id for each in traits)),
                len(traits) >= KEYS_FOR_EVERYBODY or any(each.is_certain for each in traits),
                max(each.ends for each in traits),
            )
            for (name, trait), traits in met.items()
        ]
        return sorted(known, key=lambda each: (each.ends, each.name))

    def traits_for(self, key_id: str, now: float) -> LearnedTraits:
        """Return the traits for a key: the shared ones, and over them those that the key has met itself."""
        if not self.by_name_and_key:
            return LearnedTraits()
        known = self.known(now)
        shared = [each.trait for each in known if each.is_shared]
        own = [each.trait for each in known if key_id in each.key_ids]
        return LearnedTraits().learn(shared).learn(own)


def records_of(learned: Iterable[LearnedTrait], key_id: str, *, ends: int, is_certain: bool) -> list[TraitRecord]:
    """Return the records of the traits that a key learns."""
    return [
        TraitRecord(name, part, key_id, ends, is_certain) for trait in learned for name, part in trait.parts.items()
    ]


def read_trait_record(attributes: Mapping[str, Any], ends: int | None) -> TraitRecord | None:
    """Read what `TraitRecord.attributes` has written. None: this release does not know the trait, or it has no end."""
    trait_name, key_id = attributes.get("trait"), attributes.get("key")
    if not isinstance(trait_name, str) or not isinstance(key_id, str) or ends is None:
        return None
    value = attributes.get("value")
    try:
        parts = LearnedTrait(trait_name, tuple(value) if isinstance(value, list) else value).parts
    except ValueError:
        return None
    if len(parts) != 1:
        return None
    ((name, trait),) = parts.items()
    return TraitRecord(name, trait, key_id, ends, attributes.get("certain") is True)
