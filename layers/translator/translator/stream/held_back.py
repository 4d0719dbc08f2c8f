"""Finds how much of a text's end may be the start of a marker."""

from collections.abc import Iterable


def beginning_at_end(text: str, words: Iterable[str]) -> int:
    """Return how many characters at the end of the text may begin one of the words, which is not complete yet."""
    return max((_of_one(text, word) for word in words), default=0)


def _of_one(text: str, word: str) -> int:
    at = text.find(word[0], max(0, len(text) - len(word) + 1))
    while at >= 0 and not word.startswith(text[at:]):
        at = text.find(word[0], at + 1)
    return len(text) - at if at >= 0 else 0
