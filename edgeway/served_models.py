"""Asks the operator's own servers which models they serve, again and again or once.

Whoever does not answer keeps the list that it gave last. What is heard stands in a file that the functions read
(gateway.routing.served_models), since only this side may wait for a server.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Final, Protocol
from urllib.parse import urlsplit

import certifi
from gateway.routing.addresses import below, is_private
from gateway.routing.directory import Environ, configuration_of, provider_environment
from gateway.routing.providers import ConfiguredProvider, configured_providers
from gateway.routing.served_models import ServedModel, Serving, Servings, tells_its_models, write_servings
from gateway.settings import Settings

from edgeway.model_lists import Entry, converses, read_list, read_ollama

REFRESH_SECONDS: Final = 30.0
ACCOUNT_SECONDS: Final = 3600.0
"""The same of a service, whose models change seldom."""
ACCOUNT_RETRY_SECONDS: Final = 300.0
"""The same of one that has told nothing yet."""
MAX_BYTES: Final = 4_000_000
SECONDS: Final = 5.0
"""For one answer, whole."""
_DESCRIBING_SECONDS: Final = 10.0
"""For the models of an Ollama, which are asked for one by one; what is left is asked for the next time."""

_HEADERS: Final = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "edgeway"}

logger = logging.getLogger(__name__)


class Fetch(Protocol):
    """Asks for a URL."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes | None:
        """The body of a 200, soon; None for anything else. With a body it is a POST. Never raises."""


def fetch(url: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes | None:
    """Over the network. No redirect is followed, and no error is told: its text may hold the address, or the key.

    By the standard library: the supervisor that asks stays for as long as the server, and httpx takes 10 MB.
    """
    until = monotonic() + SECONDS
    received = bytearray()
    try:
        with closing(_connection(url)) as connection:
            parts = urlsplit(url)
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("GET" if body is None else "POST", target, body, {**_HEADERS, **headers})
            response = connection.getresponse()
            while piece := response.read1():
                received += piece
                if len(received) > MAX_BYTES or monotonic() > until:
                    return None
            return bytes(received) if response.status == HTTPStatus.OK else None
    except (HTTPException, OSError, ValueError):
        return None


def _connection(url: str) -> HTTPConnection:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return HTTPConnection(host, parts.port, timeout=SECONDS)
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    trusted = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    return HTTPSConnection(host, parts.port, timeout=SECONDS, context=trusted)


class ServerLists:
    """What the servers have said so far."""

    def __init__(self, fetch: Fetch = fetch, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._fetch = fetch
        self._now = now
        self._known: dict[tuple[str, str], tuple[ServedModel, ...]] = {}
        """By provider and address."""
        self._asked: dict[tuple[str, str], datetime] = {}
        """When each was asked last."""
        self._described: dict[str, dict[Entry, int | None]] = {}
        """By the root of an Ollama and a model as it lists it: one that is made anew has another date."""

    def ask(self, configured: Mapping[str, ConfiguredProvider]) -> Servings:
        """Ask all of them that are configured now."""
        telling = [provider for provider in configured.values() if provider.is_own or tells_its_models(provider)]
        due = [provider for provider in telling if self._is_due(provider)]
        # Not of a pool: the interpreter would wait for its threads when it ends.
        threads = [Thread(target=self._ask, args=(provider,), daemon=True) for provider in due]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = {each.id: self._known.get((each.id, each.base_url)) for each in telling}
        return {name: Serving(configured[name].base_url, models) for name, models in kept.items() if models is not None}

    def _is_due(self, provider: ConfiguredProvider) -> bool:
        """A server of the operator's own always, a service now and then."""
        key, now = (provider.id, provider.base_url), self._now()
        before = self._asked.get(key)
        pause = ACCOUNT_SECONDS if key in self._known else ACCOUNT_RETRY_SECONDS
        if not provider.is_own and before is not None and (now - before).total_seconds() < pause:
            return False
        self._asked[key] = now
        return True

    def _ask(self, provider: ConfiguredProvider) -> None:
        entries = self._entries(provider)
        if entries is not None:
            self._keep(provider, entries)

    def _keep(self, provider: ConfiguredProvider, entries: tuple[Entry, ...]) -> None:
        """A date that moves with every answer, as vLLM's, is none: the first counts."""
        key, today = (provider.id, provider.base_url), self._now()
        earlier = {model.id: model.since for model in self._known.get(key, ())}
        self._known[key] = tuple(
            ServedModel(entry.id, entry.context_window, min(_date(entry, today), earlier.get(entry.id, "9")))
            for entry in entries
        )

    def _entries(self, provider: ConfiguredProvider) -> tuple[Entry, ...] | None:
        url, headers = below(provider.base_url, "/models"), provider.authorization()
        if tells_its_models(provider):
            url = f"{url}?limit=1000"
            headers = {**provider.headers, **provider.authorization("anthropic"), "anthropic-version": "2023-06-01"}
        entries = read_list(self._fetch(url, headers))
        if entries is None:
            return None
        entries = tuple(entry for entry in entries if converses(entry.id))
        is_told = any(entry.context_window for entry in entries)
        if is_told or not is_private(urlsplit(provider.base_url).hostname or ""):
            return entries
        root = provider.base_url.removesuffix("/v1")
        windows = {
            entry.id: entry.context_window
            for entry in read_list(self._fetch(f"{root}/api/v0/models", headers)) or ()  # LM Studio's own
        }
        windows = windows or self._of_ollama(root, entries, headers)
        return tuple(Entry(entry.id, windows.get(entry.id), entry.created) for entry in entries)

    def _of_ollama(self, root: str, entries: tuple[Entry, ...], headers: Mapping[str, str]) -> dict[str, int | None]:
        until = monotonic() + _DESCRIBING_SECONDS
        earlier = self._described.get(root, {})
        described = {entry: earlier[entry] for entry in entries if entry in earlier}
        for entry in entries:
            if entry not in described and monotonic() < until:
                question = json.dumps({"model": entry.id}).encode()
                answer = self._fetch(f"{root}/api/show", headers, question)
                if answer is None:  # it is no Ollama
                    break
                described[entry] = read_ollama(answer)
        self._described[root] = described
        return {entry.id: described.get(entry) for entry in entries}


def _date(entry: Entry, today: datetime) -> str:
    created = today.timestamp() if entry.created is None else min(entry.created, today.timestamp())
    return datetime.fromtimestamp(created, UTC).date().isoformat()


class Asking:
    """Asks in the background, and keeps the file."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], path: Path, lists: ServerLists) -> None:
        self._settings = settings
        self._environ = environ
        self._read_environ: Environ | None = None
        """Made where it is used first: opening Parameter Store may fail."""
        self._path = path
        self._lists = lists
        self._told: Servings = {}
        self._is_over = Event()

    def run(self) -> None:
        """Until it is over."""
        while not self._is_over.is_set():
            self.ask_without_fail()
            self._is_over.wait(REFRESH_SECONDS)

    def ask_without_fail(self) -> None:
        """Once; what nobody expected is logged without its text, which may hold an address."""
        try:
            self.ask()
        except Exception as error:  # noqa: BLE001 -- the next time may do
            logger.warning("the operator's own servers could not be asked what they serve: %s", type(error).__name__)

    def ask(self) -> None:
        """Once. What the operator has written wrongly, the functions say."""
        if self._read_environ is None:
            self._read_environ = provider_environment(self._settings, self._environ, clock=monotonic)
        try:
            environ = asyncio.run(self._read_environ())
            configured = configured_providers(environ, configuration_of(self._settings).providers)
        except ValueError:
            return
        servings = self._lists.ask(configured)
        if servings != self._told:
            write_servings(self._path, servings)
            self._told = servings

    def end(self) -> None:
        """Let it end, which may take as long as an answer takes: nobody waits for it."""
        self._is_over.set()


@contextmanager
def asking_servers(settings: Settings, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Ask in the background for as long as the block lasts; yield the variable that tells the functions of the file."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="edgeway-", ignore_cleanup_errors=True))
        except OSError:
            logger.warning(
                "nothing can be written to the folder for temporary files: no server is asked what it serves"
            )
            yield {}
            return
        path = Path(folder, "served-models.json")
        asking = Asking(settings, environ, path, ServerLists())
        Thread(target=asking.run, name="server-lists", daemon=True).start()
        stack.callback(asking.end)
        yield {"EDGEWAY_SERVED_MODELS": str(path)}
