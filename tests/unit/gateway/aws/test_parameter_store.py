"""Parameter Store: every page is read, names lose their path, and values are remembered for a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from gateway.aws.client import AwsClient
from gateway.aws.parameter_store import ParameterStore
from gateway.aws.types import AwsError
from gateway.settings import SECRETS_MAX_AGE

from tests.loop import run
from tests.unit.gateway.clocks import Clock

PAGES: list[dict[str, Any]] = [
    {"Parameters": [{"Name": "/edgeway/providers/A_API_KEY", "Value": "a"}], "NextToken": "more"},
    {"Parameters": [], "NextToken": "even more"},
    {"Parameters": [{"Name": "/edgeway/providers/B_API_KEY", "Value": "b"}], "NextToken": None},
]


class Pages:
    """Parameter Store, one page for each call."""

    def __init__(self, *pages: dict[str, Any] | AwsError) -> None:
        self.pages = list(pages)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, dict(parameters)))
        page = self.pages.pop(0)
        if isinstance(page, AwsError):
            raise page
        return page


def opened(pages: Pages, clock: Clock, path: str = "/edgeway/providers/") -> ParameterStore:
    return ParameterStore(cast("AwsClient", pages), path, clock=clock)


@pytest.mark.parametrize("path", ["/edgeway/providers/", "/edgeway/providers"])
def test_all_pages_are_read(path: str) -> None:
    pages = Pages(*PAGES)
    assert run(opened(pages, Clock(), path).values()) == {"A_API_KEY": "a", "B_API_KEY": "b"}
    asked = {"Path": path, "WithDecryption": True}
    assert pages.calls == [
        ("GetParametersByPath", asked),
        ("GetParametersByPath", {**asked, "NextToken": "more"}),
        ("GetParametersByPath", {**asked, "NextToken": "even more"}),
    ]


def test_they_are_remembered_until_they_are_old() -> None:
    clock, pages = Clock(), Pages({"Parameters": []}, PAGES[2])
    store = opened(pages, clock)
    assert (run(store.values()), run(store.values()), len(pages.calls)) == ({}, {}, 1)
    clock.now += SECRETS_MAX_AGE - 0.1
    assert run(store.values()) == {}
    clock.now += 0.1
    assert run(store.values()) == {"B_API_KEY": "b"}


def test_a_failure_is_not_remembered() -> None:
    pages = Pages(AwsError("GetParametersByPath", "ThrottlingException", "", status=400), PAGES[2])
    store = opened(pages, Clock())
    with pytest.raises(AwsError):
        run(store.values())
    assert run(store.values()) == {"B_API_KEY": "b"}
