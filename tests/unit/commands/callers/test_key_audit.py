"""What was done to keys, and by whom: every command that makes, changes or revokes one leaves a record of it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gateway.access.keys import hash_key
from gateway.access.refused_keys import SECRET_PLACE
from gateway.storage.open import open_store
from gateway.storage.protocol import ConflictError, Item, ItemType, Store
from typer.testing import Result

from edgeway.commands.callers.keys import app
from edgeway.commands.store_setting import DATABASE
from edgeway.key_audit import KEPT_SECONDS, AuditedKeys, login_name
from edgeway.local.development_key import ensure_development_key
from tests.loop import run
from tests.unit.gateway.clocks import Clock

Run = Callable[..., Result]
NOW = 1_796_086_400


@pytest.fixture(params=["stack", "data"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    return f"--{request.param}", str(request.getfixturevalue(request.param))


def test_every_change_leaves_a_record(command: Run, place: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgeway.commands.target.login_name", lambda: "alice")
    for words in (
        ("create", "--name", "ci", "--plan", "free", "--model", "a", "--model", "b"),
        ("update", "ci", "--owner", "team-a"),
        ("rotate", "ci"),
        ("revoke", "ci"),
        ("revoke", "ci"),
    ):
        assert command(app, *words, *place).exit_code == 0
    acts = json.loads(command(app, "audit", "--json", *place).stdout)
    told = [(each["act"], each["by"], each["key_name"], set(each["facts"])) for each in acts]
    expected: list[tuple[str, set[str]]] = [
        ("created", {"allowed_models=a,b", "plan=free"}),
        ("changed", {"owner=team-a"}),
        ("created", {"allowed_models=a,b", "plan=free", "owner=team-a"}),
        ("revoked", {"status=revoked"}),
        ("revoked", set()),
    ]
    assert [each[:3] for each in told] == [(act, "alice", "ci") for act, _ in expected]
    assert all(facts <= each[3] for each, (_, facts) in zip(told, expected, strict=True))
    assert len({each["key_id"] for each in acts}) == 2
    shown = command(app, "audit", *place)
    assert shown.stdout.count("alice") == len(acts)


def test_no_record_holds_a_key(command: Run, data: Path) -> None:
    made = json.loads(command(app, "create", "--name", "ci", "--json", "--data", str(data)).stdout)
    command(app, "create", "--name", "own", "--key", "chosen-by-hand", "--data", str(data))
    written = b"".join(file.read_bytes() for file in data.iterdir())
    for key in (made["key"], "chosen-by-hand"):
        assert key.encode() not in written


def test_the_development_key_is_recorded_too(data: Path) -> None:
    ensure_development_key(f"sqlite:{data}/{DATABASE}", None)
    with closing(open_store(f"sqlite:{data}/{DATABASE}")) as store:
        (act,) = run(AuditedKeys(store, clock=lambda: NOW, by="").acts())
    assert (act.act, act.by, act.key_name) == ("created", login_name(), "development")


class Failing:
    """A store whose writing of records fails, or whose writing of keys does."""

    def __init__(self, store: Store, fails: Callable[[Item], bool]) -> None:
        self._store = store
        self._fails = fails

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def put(self, item: Item, *, replaces: int | None) -> None:
        if self._fails(item):
            raise ConflictError("planted")
        await self._store.put(item, replaces=replaces)


def keys_over(store: Store, fails: Callable[[Item], bool]) -> AuditedKeys:
    failing: Any = Failing(store, fails)
    return AuditedKeys(failing, clock=lambda: NOW, by="alice")


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with closing(open_store(f"sqlite:{tmp_path}/edgeway.db")) as opened:
        yield opened


def test_there_is_no_key_without_a_record(store: Store) -> None:
    keys = keys_over(store, lambda item: item.type is ItemType.AUDIT)
    with pytest.raises(ConflictError):
        run(keys.register("chosen-by-hand", "ci"))
    assert run(keys.all()) == []


def test_there_is_no_record_of_what_was_not_done(store: Store) -> None:
    run(AuditedKeys(store, clock=lambda: NOW, by="alice").register("chosen-by-hand", "ci"))
    keys = keys_over(store, lambda item: item.type is ItemType.KEY)
    for act in (keys.change(hash_key("chosen-by-hand"), owner="x"), keys.revoke("ci")):
        with pytest.raises(ConflictError):
            run(act)
    with pytest.raises(ConflictError, match="removed"):
        run(keys.change("0" * 64, owner="x"))
    assert run(keys.revoke("nobody")) is None
    assert [act.act for act in run(keys.acts())] == ["created"]


def test_a_key_that_is_removed_is_recorded(store: Store) -> None:
    clock = Clock()
    keys = AuditedKeys(store, clock=clock, by="alice")
    run(keys.register("chosen-by-hand", "ci"))
    clock.now += 0.001
    for _ in range(2):  # the second time there is nothing left to be removed
        run(keys.forget(hash_key("chosen-by-hand")))
    assert [(act.at, act.act) for act in run(keys.acts())] == [(int(clock.now), "created"), (int(clock.now), "removed")]
    written = [item for item in run(store.scan(ItemType.AUDIT)) if item.pk != SECRET_PLACE[0]]
    assert {item.ttl for item in written} == {int(clock.now) + KEPT_SECONDS}


def test_what_cannot_be_read_is_left_out(store: Store) -> None:
    keys = AuditedKeys(store, clock=lambda: NOW, by="alice")
    good: dict[str, object] = {"at": 1, "by": "b", "act": "c", "key_id": "d", "key_name": "e", "facts": ["f"]}
    spoilt: list[dict[str, object]] = [{"at": "soon"}, {"at": True}, {"facts": "f"}, {"facts": None}]
    for number, attributes in enumerate([{}, *({**good, **each} for each in spoilt)]):
        run(store.put(Item("AUDIT#2026-11", f"ACT#{number}", ItemType.AUDIT, attributes), replaces=None))
    run(store.put(Item("AUDIT#2026-11", "ACT#9", ItemType.AUDIT, good), replaces=None))
    assert [act.key_name for act in run(keys.acts())] == ["e"]


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found: 10001"), OSError("No username set")])
def test_a_user_without_a_name(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)
    assert login_name() == "unknown"
