"""Who comes in, who is refused with which words, and for how long an answer of the store is remembered."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace

import pytest
from gateway.access.admission import UNKNOWN_SECONDS, build_admission, build_authenticator
from gateway.access.authentication import CACHE_SECONDS, Authenticator, authorizer_context, key_of_context
from gateway.access.key_records import KeyRecord, KeyRegistry
from gateway.access.keys import hash_key, mint_key
from gateway.settings import read_settings
from gateway.storage.protocol import Change, Item, ItemType, Store
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock

REQUIRED = "x-api-key header is required (or authorization: Bearer)"
MISTYPED = "invalid x-api-key: this is not a key of this gateway, or it is mistyped; copy it again"
UNKNOWN = "invalid x-api-key: this gateway does not know the key; ask its operator for one"
REVOKED = "invalid x-api-key: the key has been revoked; ask the operator for a new one"
UNREADABLE = "invalid x-api-key: what this gateway has stored of the key cannot be read; ask for a new key"
EXPIRED = "invalid x-api-key: the key has expired; ask the operator for a new one"


class CountingStore:
    """A store that counts how often it is asked for one item."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.gets = 0

    async def get(self, pk: str, sk: str) -> Item | None:
        self.gets += 1
        return self.items.get((pk, sk))

    async def put(self, item: Item, *, replaces: int | None) -> None:
        found = self.items.get((item.pk, item.sk))
        assert (found.version if found else None) == replaces
        self.items[item.pk, item.sk] = item

    async def change(self, change: Change) -> Item:
        raise AssertionError

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        return [item for item in self.items.values() if item.pk == pk and item.sk.startswith(sk_prefix)]

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        return [item for item in self.items.values() if item.type is item_type]

    async def delete(self, pk: str, sk: str) -> None:
        self.items.pop((pk, sk), None)

    def close(self) -> None:
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counting() -> CountingStore:
    return CountingStore()


@pytest.fixture
def registry(counting: CountingStore, clock: Clock) -> KeyRegistry:
    return KeyRegistry(counting, clock=clock)


@pytest.fixture
def authenticator(registry: KeyRegistry, clock: Clock) -> Authenticator:
    return Authenticator(registry, clock=clock)


def refusal(authenticator: Authenticator, **headers: str) -> str:
    """The words of a refusal, whose form is always the same."""
    with pytest.raises(ApiError) as caught:
        run(authenticator.authenticate({name.replace("_", "-"): value for name, value in headers.items()}))
    error = caught.value
    assert (error.status, error.error_type) == (401, "authentication_error")
    assert error.headers() == {"x-should-retry": "false"}
    return error.message


@pytest.mark.failure_mode(42)
@pytest.mark.parametrize(
    "form",
    [
        {"x-api-key": "@"},
        {"x-api-key": "  @ "},
        {"authorization": "Bearer @"},
        {"authorization": "bearer @"},
        {"authorization": "BEARER   @ "},
        {"authorization": "@"},
        {"x-api-key": "@", "authorization": "Bearer @"},
        {"x-api-key": "another-key", "authorization": "Bearer @"},
        {"x-api-key": "garbage", "authorization": "Bearer @"},
        {"x-api-key": "@", "authorization": "Bearer sk-ant-oat01-somebody"},
        {"x-api-key": "@", "authorization": "Basic dXNlcjpwYXNz"},
        {"x-api-key": "", "authorization": "Bearer @"},
        {"x-api-key": "@", "authorization": "Bearer"},
    ],
)
def test_one_valid_key_in_either_header_is_enough(
    form: dict[str, str], registry: KeyRegistry, authenticator: Authenticator
) -> None:
    key, record = run(registry.create("alice"))
    caller = run(authenticator.authenticate({name: value.replace("@", key) for name, value in form.items()}))
    assert caller == (record, hash_key(key))


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, REQUIRED),
        ({"x_api_key": " ", "authorization": ""}, REQUIRED),
        ({"authorization": "Bearer"}, REQUIRED),
        ({"authorization": "bearer  "}, REQUIRED),
        ({"x_api_key": "short"}, MISTYPED),
        ({"x_api_key": "garbage"}, MISTYPED),
        ({"authorization": "Basic dXNlcjpwYXNz"}, MISTYPED),
        ({"x_api_key": "schlüssel-123"}, MISTYPED),
        ({"x_api_key": "\ud800" * 10}, MISTYPED),
        ({"x_api_key": "unknown-but-well-formed"}, UNKNOWN),
        ({"authorization": "Bearer unknown-but-well-formed"}, UNKNOWN),
        ({"x_api_key": "short", "authorization": "Bearer unknown-but-well-formed"}, MISTYPED),
        ({"x_api_key": "unknown-but-well-formed", "authorization": "Bearer short"}, UNKNOWN),
    ],
)
def test_a_refusal_says_why(headers: dict[str, str], message: str, authenticator: Authenticator) -> None:
    assert refusal(authenticator, **headers) == message


def test_a_mistyped_key_never_reaches_the_store(counting: CountingStore, authenticator: Authenticator) -> None:
    key = mint_key()
    assert refusal(authenticator, x_api_key=key[:-1] + ("0" if key[-1] != "0" else "1")) == MISTYPED
    assert counting.gets == 0
    assert refusal(authenticator, x_api_key=key) == UNKNOWN
    assert counting.gets == 1


@pytest.mark.failure_mode(50)
def test_a_refusal_never_repeats_what_was_sent(authenticator: Authenticator) -> None:
    for value in ("planted-secret", "planted", "planted secret", "ew_planted"):
        assert "planted" not in refusal(authenticator, x_api_key=value, authorization=f"Bearer {value}x")


def test_a_key_expires_to_the_second_although_it_is_remembered(
    registry: KeyRegistry, authenticator: Authenticator, clock: Clock
) -> None:
    key, _ = run(registry.create("alice", expires=int(clock.now) + 10))
    run(authenticator.authenticate({"x-api-key": key}))
    clock.now += 9.5
    run(authenticator.authenticate({"x-api-key": key}))
    clock.now += 0.5
    assert refusal(authenticator, x_api_key=key) == EXPIRED


@pytest.mark.failure_mode(50)
def test_a_revocation_takes_effect_when_the_memory_ends(
    registry: KeyRegistry, authenticator: Authenticator, clock: Clock, counting: CountingStore
) -> None:
    key, record = run(registry.create("alice"))
    run(authenticator.authenticate({"x-api-key": key}))
    run(registry.revoke(record.id))
    clock.now += CACHE_SECONDS - 1
    assert run(authenticator.authenticate({"x-api-key": key})).key == record
    assert counting.gets == 1
    clock.now += 1
    assert refusal(authenticator, x_api_key=key) == REVOKED


def test_a_clock_that_was_set_back_does_not_prolong_the_memory(
    registry: KeyRegistry, authenticator: Authenticator, clock: Clock
) -> None:
    key, record = run(registry.create("alice"))
    run(authenticator.authenticate({"x-api-key": key}))
    run(registry.revoke(record.id))
    clock.now -= 3600
    assert refusal(authenticator, x_api_key=key) == REVOKED


def test_a_key_that_was_unknown_works_as_soon_as_it_is_made(
    registry: KeyRegistry, authenticator: Authenticator
) -> None:
    assert refusal(authenticator, x_api_key="chosen-by-hand") == UNKNOWN
    run(registry.register("chosen-by-hand", "alice"))
    assert run(authenticator.authenticate({"x-api-key": "chosen-by-hand"})).key.name == "alice"


def test_where_reads_are_paid_an_unknown_key_is_remembered_as_such_for_some_seconds(
    registry: KeyRegistry, clock: Clock, counting: CountingStore
) -> None:
    authenticator = Authenticator(registry, clock=clock, unknown_seconds=UNKNOWN_SECONDS)
    for _ in range(100):
        assert refusal(authenticator, x_api_key="chosen-by-hand") == UNKNOWN
    assert counting.gets == 1
    run(registry.register("chosen-by-hand", "alice"))
    clock.now += UNKNOWN_SECONDS
    assert run(authenticator.authenticate({"x-api-key": "chosen-by-hand"})).key.name == "alice"


def test_unknown_keys_drive_out_none_that_is_known(
    registry: KeyRegistry, clock: Clock, counting: CountingStore
) -> None:
    authenticator = Authenticator(registry, clock=clock, unknown_seconds=UNKNOWN_SECONDS)
    run(registry.register("chosen-by-hand", "alice"))
    run(authenticator.authenticate({"x-api-key": "chosen-by-hand"}))
    for number in range(1100):
        refusal(authenticator, x_api_key=f"unknown-{number}")
    asked = counting.gets
    run(authenticator.authenticate({"x-api-key": "chosen-by-hand"}))
    assert counting.gets == asked


@pytest.mark.parametrize(("place", "seconds"), [("dynamodb:table", UNKNOWN_SECONDS), ("sqlite::memory:", 0.0)])
def test_only_where_reads_are_paid(place: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.access.admission.open_store", lambda *_, **_options: CountingStore())
    built = build_authenticator(read_settings({"EDGEWAY_STORE": place}), {}, clock=Clock())
    assert built._unknown_seconds == seconds


def test_the_memory_is_bounded(registry: KeyRegistry, authenticator: Authenticator) -> None:
    for number in range(1100):
        refusal(authenticator, x_api_key=f"unknown-{number}")
        run(registry.register(f"key-number-{number}", "alice"))
        run(authenticator.authenticate({"x-api-key": f"key-number-{number}"}))
    assert 0 < len(authenticator._known) <= 1024
    assert 0 < len(authenticator._unknown) <= 1024


def event(authorizer: dict[str, object] | None, **headers: str) -> dict[str, object]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"headers": named, "requestContext": {"requestId": "1", "authorizer": authorizer}}


FORGED: dict[str, object] = {"keyId": "key_forged", "role": "admin", "plan": "unlimited", "allowedModels": ""}


@pytest.mark.failure_mode(50)
@pytest.mark.parametrize("trust", ["", "false", "False", "0", "no", "1", "yes"])
def test_a_context_is_not_trusted_unless_the_operator_says_so(trust: str, store_setting: str, store: Store) -> None:
    settings = read_settings({"EDGEWAY_STORE": store_setting, "EDGEWAY_TRUST_AUTHORIZER": trust})
    admission = build_admission(settings, os.environ, clock=Clock())
    key, record = run(KeyRegistry(store, clock=Clock()).create("alice"))
    with pytest.raises(ApiError, match="x-api-key header is required"):
        run(admission.admit(read_event(event(FORGED))))
    with pytest.raises(ApiError, match="not a key of this gateway"):
        run(admission.admit(read_event(event(FORGED, x_api_key="garbage"))))
    assert run(admission.admit(read_event(event(FORGED, x_api_key=key)))) == record
    assert admission.authenticator is not None
    admission.authenticator._registry._store.close()


def test_a_trusted_context_carries_the_key_from_the_authorizer_to_the_function(
    registry: KeyRegistry, authenticator: Authenticator
) -> None:
    key, record = run(registry.create("alice", role="admin", plan="standard", allowed_models=("gpt-5", "openai/gpt-5")))
    context = authorizer_context(run(authenticator.authenticate({"x-api-key": key})))
    admission = build_admission(read_settings({"EDGEWAY_TRUST_AUTHORIZER": "true"}), {}, clock=Clock())
    admitted = run(admission.admit(read_event(event(dict(context)))))
    assert admitted == KeyRecord(
        id=record.id,
        name="alice",
        hint="",
        role="admin",
        plan="standard",
        created=0,
        allowed_models=("gpt-5", "openai/gpt-5"),
    )


def test_a_caller_cannot_write_the_context(registry: KeyRegistry, authenticator: Authenticator) -> None:
    """On AWS the authorizer's context is trusted; whatever a caller can write stands elsewhere in the event."""
    key, record = run(registry.create("alice", allowed_models=("gpt-5",)))
    context: dict[str, object] = {**authorizer_context(run(authenticator.authenticate({"x-api-key": key})))}
    forged = {name: str(value) for name, value in FORGED.items()}
    written = {
        "headers": {**forged, "authorizer": json.dumps(FORGED), "requestContext": json.dumps({"authorizer": FORGED})},
        "queryStringParameters": {**forged, "requestContext.authorizer.role": "admin"},
        "pathParameters": forged,
        "stageVariables": forged,
        "body": json.dumps({**FORGED, "requestContext": {"authorizer": FORGED}}),
    }
    admission = build_admission(read_settings({"EDGEWAY_TRUST_AUTHORIZER": "true"}), {}, clock=Clock())
    admitted = run(admission.admit(read_event({**event(context), **written})))
    assert (admitted.id, admitted.role, admitted.plan, admitted.allowed_models) == (
        record.id,
        "user",
        "unlimited",
        ("gpt-5",),
    )
    with pytest.raises(ApiError, match="x-api-key header is required"):
        run(admission.admit(read_event({**written, "requestContext": {"requestId": "1"}})))


@pytest.mark.parametrize("context", [{}, {"keyId": ""}, {"principalId": "nobody"}, {"role": "admin"}])
def test_a_trusted_context_without_a_key_is_refused(context: dict[str, str]) -> None:
    with pytest.raises(ApiError) as caught:
        key_of_context(context)
    assert (caught.value.status, caught.value.retry) == (401, False)


@pytest.mark.parametrize("role", ["", "ADMIN", "owner", None])
def test_only_the_word_admin_makes_an_admin(role: str | None) -> None:
    assert key_of_context({"keyId": "key_1", "role": role}).role == "user"


@pytest.mark.parametrize("spoilt", [{"allowed_models": "gpt-5"}, {"expires": "soon"}, {"status": "paused"}], ids=str)
def test_a_key_whose_limits_cannot_be_read_is_refused(
    spoilt: dict[str, str], counting: CountingStore, registry: KeyRegistry, authenticator: Authenticator
) -> None:
    """What cannot be read must not pass for no limit."""
    key, _ = run(registry.create("alice", allowed_models=("gpt-5",)))
    ((place, item),) = counting.items.items()
    counting.items[place] = replace(item, attributes={**item.attributes, **spoilt})
    assert refusal(authenticator, x_api_key=key) == UNREADABLE
