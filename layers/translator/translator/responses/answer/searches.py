"""Tells each search that the upstream has made of the web as a call of Anthropic's own tool, with what it has found.

Where the upstream does not say what that was, the pages stand for it that the next message cites.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from translator.anthropic.events import Event
from translator.responses.answer.items import REASONING, Item, mapping_in, mappings_in, text_in
from translator.responses.answer.speech import Speech
from translator.stream.answer_blocks import WebSearchResult
from translator.stream.halves import whole_characters

MOST_RESULTS = 100
"""Of one search, or of one message's pages; OpenAI tells every page that it has come across."""
MOST_RESULTS_IN_ALL = 1_000
"""Of one answer."""
LONGEST_ADDRESS = 2_048
"""Characters. What is longer is passed over."""
LONGEST_TITLE = 300

_FAILED = ("failed", "incomplete")
_ADDRESS = re.compile(
    r"https?://(?:[^\s/?#@]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::\d*)?(?:[/?#]\S*)?", re.IGNORECASE
)
"""What a client may open: no script, no file, and nothing with a space in it."""


class Searches:
    """The searches of one answer."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech
        self._results = 0
        self._waiting: Item | None = None
        """The search of which it is not known what it has found."""
        self.count = 0
        """Of those that have not failed."""

    def finish(self, item: Item, raw: Mapping[str, Any]) -> list[Event]:
        """The search is over."""
        action = _action(item, raw)
        events = self._settle(())
        query = _query(action)
        if (text_in(raw, "status") or item.status) in _FAILED:
            return events + self._speech.web_search(item, query, "unavailable")
        self.count += 1
        sources = ((text_in(each, "url"), text_in(each, "title")) for each in mappings_in(action.get("sources")))
        results = self._found(sources)
        self._waiting = None if results else item
        return events + self._speech.web_search(item, query, results or None)

    def cite(self, message: Item, annotation: Mapping[str, Any]) -> None:
        """A page that a message cites."""
        if text_in(annotation, "type") == "url_citation" and len(message.cited) < MOST_RESULTS:
            message.cited.setdefault(text_in(annotation, "url"), text_in(annotation, "title"))

    def after(self, item: Item) -> list[Event]:
        """Another item is whole: nobody says more of what has been found. Models think before they say it."""
        if self._waiting is None or item is self._waiting or item.kind == REASONING:
            return []
        return self._settle(item.cited.items())

    def _settle(self, cited: Iterable[tuple[str, str]]) -> list[Event]:
        if self._waiting is None:
            return []
        self._waiting = None
        return self._speech.found(self._found(cited))

    def _found(self, pages: Iterable[tuple[str, str]]) -> tuple[WebSearchResult, ...]:
        """The pages that can be opened, each once."""
        most = min(MOST_RESULTS, MOST_RESULTS_IN_ALL - self._results)
        found: dict[str, WebSearchResult] = {}
        for url, title in pages:
            if len(found) >= most:
                break
            address = _ADDRESS.fullmatch(url) if len(url) <= LONGEST_ADDRESS else None
            if address is not None:
                told = title.strip()[:LONGEST_TITLE] or address["host"]
                found.setdefault(url, WebSearchResult(whole_characters(url), whole_characters(told)))
        self._results += len(found)
        return tuple(found.values())


def is_search(item: Item, raw: Mapping[str, Any]) -> bool:
    """Whether the item is a search, and no page that the model has opened or looked through."""
    return text_in(_action(item, raw), "type") in ("", "search")


def _action(item: Item, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return mapping_in(raw, "action") or item.action


def _query(action: Mapping[str, Any]) -> str:
    """What was searched for: one query, or the first of several."""
    queries = action.get("queries")
    several = [each for each in queries if isinstance(each, str)] if isinstance(queries, list) else []
    return whole_characters(next((each for each in (text_in(action, "query"), *several) if each), ""))
