"""Fixtures: a scripted upstream, a store with one key, and the functions over both."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store

from tests.integration.gateway.functions import Function, running
from tests.loop import run
from tests.running import Upstream, running_upstream

PROVIDER_KEY = "sk-planted-provider-key-0123456789"

Start = Callable[[str], Function]


@pytest.fixture(scope="session")
def scripted() -> Iterator[Upstream]:
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(scripted: Upstream) -> Upstream:
    scripted.forget()
    return scripted


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("functions")


@pytest.fixture(scope="module")
def registry(folder: Path) -> Iterator[KeyRegistry]:
    store = open_store(f"sqlite:{folder}/edgeway.sqlite3")
    yield KeyRegistry(store, clock=time.time)
    store.close()


@pytest.fixture(scope="module")
def key(registry: KeyRegistry) -> str:
    return run(registry.create("alice"))[0]


@pytest.fixture(scope="module")
def start(scripted: Upstream, folder: Path) -> Iterator[Start]:
    """Starts a function, or gives the one that was started before."""
    started: dict[str, Function] = {}
    with ExitStack() as stack:

        def starting(name: str) -> Function:
            if name not in started:
                started[name] = stack.enter_context(
                    running(
                        name,
                        folder,
                        EDGEWAY_STORE=f"sqlite:{folder}/edgeway.sqlite3",
                        EDGEWAY_TRUST_AUTHORIZER="false",
                        OPENAI_API_KEY=PROVIDER_KEY,
                        # At an address of the operator's own the models function lists only what others have heard.
                        **({} if name == "models" else {"OPENAI_BASE_URL": f"{scripted.url}/v1"}),
                    )
                )
            return started[name]

        yield starting
