"""Providers' keys on AWS: every page is read, they are remembered, and a failure of AWS takes none away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import boto3
import pytest
from gateway.aws.boto3_client import Boto3Client
from gateway.aws.client import AwsClient
from gateway.aws.key_places import Place, place_of
from gateway.aws.provider_keys import TRY_AGAIN_SECONDS, UNREAD, ProviderKeys
from gateway.aws.types import AwsError
from gateway.settings import SECRETS_MAX_AGE
from moto import mock_aws

from tests.loop import run
from tests.unit.gateway.clocks import Clock
from tests.unit.gateway.stores import AWS_ENVIRONMENT

PARAMETERS = place_of("/edgeway/providers/")
SECRETS = place_of("secretsmanager:/edgeway/providers/")
PAGES: list[dict[str, Any]] = [
    {"Parameters": [{"Name": "/edgeway/providers/A_API_KEY", "Value": "a"}], "NextToken": "more"},
    {"Parameters": [], "NextToken": "even more"},
    {"Parameters": [{"Name": "/edgeway/providers/B_API_KEY", "Value": "b"}], "NextToken": None},
]
THROTTLED = AwsError("GetParametersByPath", "ThrottlingException", "slow down", status=400)
NOT_READ_AGAIN = "the providers' keys were not read again; those known stay in use"

Line = tuple[str, dict[str, object]]


class Pages:
    """A place, one page for each call."""

    def __init__(self, *pages: dict[str, Any] | Exception) -> None:
        self.pages = list(pages)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.logged: list[Line] = []

    async def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, dict(parameters)))
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    def log(self, message: str, fields: dict[str, object]) -> None:
        self.logged.append((message, fields))


def opened(pages: Pages, clock: Clock, place: Place = PARAMETERS, *, names_only: bool = False) -> ProviderKeys:
    return ProviderKeys(cast("AwsClient", pages), place, clock=clock, log=pages.log, names_only=names_only)


@pytest.mark.parametrize("path", ["/edgeway/providers/", "/edgeway/providers"])
def test_all_pages_are_read(path: str) -> None:
    pages = Pages(*PAGES)
    assert run(opened(pages, Clock(), place_of(path)).values()) == {"A_API_KEY": "a", "B_API_KEY": "b"}
    asked = {"Path": "/edgeway/providers", "WithDecryption": True}
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


@pytest.mark.parametrize(
    ("failure", "code"),
    [(THROTTLED, "ThrottlingException"), (ConnectionResetError("sk-secret"), "ConnectionResetError")],
)
def test_where_a_refresh_fails_the_keys_stay_in_use_and_it_is_tried_again_soon(failure: Exception, code: str) -> None:
    clock, pages = Clock(), Pages(PAGES[2], failure, failure, {"Parameters": []})
    store = opened(pages, clock)
    assert run(store.values()) == {"B_API_KEY": "b"}
    clock.now += SECRETS_MAX_AGE
    assert (run(store.values()), run(store.values())) == ({"B_API_KEY": "b"}, {"B_API_KEY": "b"})
    assert len(pages.calls) == 2
    clock.now += TRY_AGAIN_SECONDS
    assert run(store.values()) == {"B_API_KEY": "b"}
    assert pages.logged == [(NOT_READ_AGAIN, {"error": code})] * 2
    clock.now += TRY_AGAIN_SECONDS
    assert run(store.values()) == {}  # a key that was removed is gone once AWS says so


def test_a_failure_on_a_later_page_mixes_nothing() -> None:
    clock, pages = Clock(), Pages(PAGES[2], PAGES[0], THROTTLED)
    store = opened(pages, clock)
    run(store.values())
    clock.now += SECRETS_MAX_AGE
    assert run(store.values()) == {"B_API_KEY": "b"}


def test_a_first_failure_is_told_and_not_remembered() -> None:
    pages = Pages(THROTTLED, PAGES[2])
    store = opened(pages, Clock())
    with pytest.raises(AwsError):
        run(store.values())
    assert (run(store.values()), pages.logged) == ({"B_API_KEY": "b"}, [])


def test_whoever_may_not_read_them_sees_for_whom_there_are_some() -> None:
    names = [{"Name": "/edgeway/providers/A_API_KEY"}, {"Name": "/edgeway/providers/OLD/B_API_KEY"}]
    pages = Pages({"Parameters": names})
    assert run(opened(pages, Clock(), names_only=True).values()) == {"A_API_KEY": UNREAD}
    below = [{"Key": "Path", "Option": "OneLevel", "Values": ["/edgeway/providers"]}]
    assert pages.calls == [("DescribeParameters", {"ParameterFilters": below})]


def test_secrets_are_those_directly_below_the_path() -> None:
    names = ("/edgeway/providers/A_API_KEY", "/edgeway/providers/OLD/B_API_KEY")
    page = {"SecretValues": [{"Name": name, "SecretString": "a"} for name in names]}
    binary = {"SecretValues": [{"Name": "/edgeway/providers/C_API_KEY", "SecretBinary": b"c"}]}
    refused = {"Errors": [{"SecretId": "D_API_KEY", "ErrorCode": "AccessDeniedException", "Message": "sk-secret"}]}
    pages = Pages({**page, "NextToken": "more"}, {**binary, **refused})
    assert run(opened(pages, Clock(), SECRETS).values()) == {"A_API_KEY": "a", "C_API_KEY": ""}
    asked = {"Filters": [{"Key": "name", "Values": ["/edgeway/providers/"]}]}
    assert pages.calls == [("BatchGetSecretValue", asked), ("BatchGetSecretValue", {**asked, "NextToken": "more"})]
    assert pages.logged == [
        ("a secret cannot be read", {"secret": "D_API_KEY", "error": "AccessDeniedException"}),
    ]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with a key of a stack in each place, and one of another stack."""
    for name, value in AWS_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        _store()
        yield


def _store() -> None:
    ssm, secrets = boto3.client("ssm"), boto3.client("secretsmanager")
    for stack in ("edgeway", "edgeway-dev"):
        ssm.put_parameter(Name=f"/{stack}/providers/A_API_KEY", Value=stack, Type="SecureString")
        secrets.create_secret(Name=f"/{stack}/providers/A_API_KEY", SecretString=stack)


@pytest.mark.parametrize("place", [PARAMETERS, SECRETS])
@pytest.mark.parametrize(("names_only", "value"), [(False, "edgeway"), (True, UNREAD)])
def test_moto_takes_these_calls(place: Place, value: str, *, names_only: bool, account: None) -> None:
    keys = ProviderKeys(Boto3Client(place.service), place, clock=Clock(), log=Pages().log, names_only=names_only)
    assert run(keys.values()) == {"A_API_KEY": value}
