"""Makes a candidate for each key of a provider. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from gateway.routing.providers import ConfiguredProvider
from gateway.routing.resolve import Candidate


def with_keys(candidates: Sequence[Candidate], session: str | None, turn: int) -> Sequence[Candidate]:
    """Return a candidate for each key of each provider, in turns. Without several keys, the same object comes back.

    A session starts with the same key in every environment: a provider caches prompts for each account apart.
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
    """Rotate the keys: by the session, or by one with each request."""
    if session is not None:
        return sorted(pool, key=lambda each: sha256(f"{session} {_digest(each)}".encode()).digest())
    first = turn % len(pool)
    return (*pool[first:], *pool[:first])


def _digest(provider: ConfiguredProvider) -> str:
    return sha256((provider.key.reveal() if provider.key else "").encode()).hexdigest()
