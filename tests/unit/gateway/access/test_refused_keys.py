"""The log of refused keys: which address, why, how often; never the address itself, and never in a caller's way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.access.admission import build_admission
from gateway.access.refused_keys import RefusedKeys, new_secret
from gateway.settings import read_settings
from gateway.storage.open import open_store
from gateway.storage.protocol import Item, ItemType, Store
from gateway.web.proxy_event import read_event
from translator.anthropic.errors import ApiError

from tests.loop import run
from tests.unit.gateway.clocks import Clock

ADDRESS = "203.0.113.7"
UNKNOWN = ApiError("authentication_error", "unknown")
REVOKED = ApiError("authentication_error", "revoked")
Lines = list[tuple[str, dict[str, object]]]


def noted(store: Store, lines: Lines) -> RefusedKeys:
    return RefusedKeys(store, lambda message, fields: lines.append((message, fields)))


def test_the_first_the_second_the_fourth_are_told(store: Store) -> None:
    lines: Lines = []
    refused = noted(store, lines)
    for _ in range(9):
        run(refused.note(ADDRESS, UNKNOWN))
    run(refused.note(ADDRESS, REVOKED))
    run(refused.note("203.0.113.8", UNKNOWN))
    assert [(message, fields["reason"], fields["times"]) for message, fields in lines] == [
        *(("key refused", "unknown", times) for times in (1, 2, 4, 8)),
        ("key refused", "revoked", 1),
        ("key refused", "unknown", 1),
    ]
    hashes = [fields["address"] for _, fields in lines]
    assert len(set(hashes[:5])) == 1
    assert hashes[5] != hashes[0]
    assert ADDRESS not in json.dumps(lines)


@pytest.mark.parametrize("is_kept", [True, False])
def test_processes_of_one_gateway_agree_where_the_secret_is_kept(is_kept: bool, store: Store) -> None:
    if is_kept:
        run(store.put(new_secret(), replaces=None))
    lines: Lines = []
    for _ in range(2):
        run(noted(store, lines).note(ADDRESS, UNKNOWN))
    assert (lines[0] == lines[1]) is is_kept


class Spoilt:
    """A store that gives this, or fails with it."""

    def __init__(self, given: Any) -> None:
        self.given = given

    async def get(self, pk: str, sk: str) -> Item | None:
        if isinstance(self.given, Exception):
            raise self.given
        return Item(pk, sk, ItemType.AUDIT, self.given)


@pytest.mark.parametrize(
    "given", [OSError("gone"), RuntimeError("?"), {}, {"secret": 7}, {"secret": "no digits"}, {"secret": None}], ids=str
)
def test_no_store_is_in_the_way_of_a_refusal(given: Any) -> None:
    lines: Lines = []
    spoilt: Any = Spoilt(given)
    run(noted(spoilt, lines).note(ADDRESS, UNKNOWN))
    assert len(lines) == 1


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("I/O operation on closed file")], ids=repr)
def test_no_log_is_in_the_way_either(error: Exception, store: Store) -> None:
    def fail(message: str, fields: dict[str, object]) -> None:
        raise error

    run(RefusedKeys(store, fail).note("\ud800", UNKNOWN))


def test_the_memory_is_bounded(store: Store) -> None:
    lines: Lines = []
    refused = noted(store, lines)
    for number in range(1100):
        run(refused.note(f"address-{number}", UNKNOWN))
    assert len(lines) == 1100
    assert 0 < len(refused._counts) <= 1024


def test_a_refused_request_is_logged_with_its_address(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    setting = f"sqlite:{tmp_path}/edgeway.db"
    open_store(setting).close()
    admission = build_admission(read_settings({"EDGEWAY_STORE": setting}), {}, clock=Clock())
    context = {"requestId": "1", "identity": {"sourceIp": ADDRESS}}
    for headers in ({"x-api-key": "planted-and-wrong"}, {}):
        with pytest.raises(ApiError):
            run(admission.admit(read_event({"headers": headers, "requestContext": context})))
    printed = capsys.readouterr().out
    (line,) = printed.splitlines()  # who has sent no key was refused none
    assert json.loads(line) == {
        "level": "WARNING",
        "message": "key refused",
        "address": json.loads(line)["address"],
        "reason": "invalid x-api-key: this gateway does not know the key; ask its operator for one",
        "times": 1,
    }
    assert len(json.loads(line)["address"]) == 16
    assert ADDRESS not in printed
    assert "planted" not in printed
