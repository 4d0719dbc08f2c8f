"""Makes a candidate for each key of a provider. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from gateway.routing.providers import ConfiguredProvider
from gateway.routing.resolve import Candidate


def with_keys(candidates: Sequence[Candidate], session: str | None, turn: int) -> Sequence[Candidate]:
    """The candidates with the keys of each, those of a pool by turns; the same object where nobody has several.

    A session begins with the same key in every environment, since its provider caches prompts for each account apart.
    """
    if not any(candidate.provider.more_keys for candidate in candidates):
        return candidates
    return [
        replace(candidate, provider=provider)
        for candidate in candidates
        for provider in _rotated(list(_one_for_each_key(candidate.provider)), session, turn)
    ]


def _one_for_each_key(provider: ConfiguredProvider) -> Iterator[ConfiguredProvider]:
    for number, key in enumerate((provider.key, *provider.more_keys), start=1):
        yield replace(provider, key=key, more_keys=(), key_number=number)


def _rotated(pool: Sequence[ConfiguredProvider], session: str | None, turn: int) -> Iterable[ConfiguredProvider]:
    """In an order of the session's own, or each time beginning with the next one."""
    if session is not None:
        return sorted(pool, key=lambda each: sha256(f"{session} {_digest(each)}".encode()).digest())
    first = turn % len(pool)
    return (*pool[first:], *pool[:first])


def _digest(provider: ConfiguredProvider) -> str:
    return sha256((provider.key.reveal() if provider.key else "").encode()).hexdigest()
