"""Every command on a store that holds every type of item, of this release and of others: only keys are keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
import pytest
from gateway.storage.open import open_store
from gateway.storage.protocol import ItemType
from typer.testing import Result

from edgeway.aws.stack import find_stack
from edgeway.commands.callers import keys
from edgeway.commands.store_setting import DATABASE
from edgeway.commands.upstreams import config, models, providers
from edgeway.local.development_key import ensure_development_key
from tests.loop import run
from tests.unit.aws import stacks
from tests.unit.gateway import stored_items
from tests.unit.gateway.stored_items import SPOILT_ID

Run = Callable[..., Result]
ALICE = f"{stored_items.RECORD['id']} (alice)"
SPOILT = f"{SPOILT_ID} ()"
REVOKED = "is revoked; every function refuses it within 30 seconds."
UNREADABLE = (
    f"What is stored of {SPOILT} cannot be read whole. If a later release has written it, update Edgeway; "
    f"else revoke it (edgeway keys revoke {SPOILT_ID}) and make a new key."
)


@pytest.fixture(params=["stack", "data"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The options that name a place whose store holds everything."""
    where = request.getfixturevalue(request.param)
    stored_items.fill(setting_of(request.param, where))
    return f"--{request.param}", str(where)


def setting_of(option: str, where: Any) -> str:
    if option == "data":
        return f"sqlite:{where / DATABASE}"
    return f"dynamodb:{find_stack(boto3.client('cloudformation'), where).table}"


COMMANDS: list[tuple[tuple[str, ...], int, str]] = [
    (("create", "--name", "new"), 0, "ew_"),
    (("create", "--name", "alice", "--key", stored_items.SPOILT_KEY), 1, f"as {SPOILT}, and is unreadable."),
    (("list",), 0, "alice"),
    (("audit",), 0, "facts"),
    (("show", "alice"), 0, "alice"),
    (("show", SPOILT_ID), 0, "unreadable"),
    (("show", "key_of_something"), 1, "There is no key with the id or name 'key_of_something'. See: edgeway keys list"),
    (("show", "META"), 1, "There is no key with the id or name 'META'. See: edgeway keys list"),
    (("update", "alice", "--owner", "team-b"), 0, f"{ALICE} is in the plan standard."),
    (("update", SPOILT_ID, "--plan", "free"), 1, UNREADABLE),
    (("rotate", "alice"), 0, f"The old key {REVOKED}"),
    (("rotate", SPOILT_ID), 1, UNREADABLE),
    (("revoke", "alice"), 0, f"{ALICE} {REVOKED}"),
    (("revoke", SPOILT_ID), 0, f"{SPOILT} {REVOKED}"),
    (("revoke", "key_of_another"), 1, "There is no key with the id or name 'key_of_another'. See: edgeway keys list"),
]


@pytest.mark.parametrize(
    ("words", "status", "said"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_a_command_on_keys_ends_as_it_should(
    words: tuple[str, ...], status: int, said: str, command: Run, place: tuple[str, str]
) -> None:
    ran = command(keys.app, *words, *place)
    assert (ran.exit_code, type(ran.exception)) == (status, SystemExit if status else type(None)), ran.output
    assert said in ran.output
    listed = command(keys.app, "list", "--json", *place)
    assert listed.exit_code == 0
    ids = [each["id"] for each in json.loads(listed.stdout)]
    assert ids[:2] == [SPOILT_ID, stored_items.RECORD["id"]]
    assert len(ids) == 2 + (status == 0 and words[0] in ("create", "rotate"))


def test_every_command_on_keys_is_tried() -> None:
    known = {each.name or each.callback.__name__ for each in keys.app.registered_commands if each.callback}
    assert known == {words[0] for words, _, _ in COMMANDS} | {"teardown"}


def test_teardown_removes_the_keys_and_nothing_else(command: Run, stack: str) -> None:
    setting = setting_of("stack", stack)
    stored_items.fill(setting)
    ran = command(keys.app, "teardown", "--stack", stacks.NAME, "--yes")
    assert (ran.exit_code, ran.output) == (0, "Removed 2 keys, 0 API Gateway keys, 0 providers' keys.\n")
    removed = {stored_items.PARTITION, stored_items.SPOILT_PARTITION}
    written = boto3.client("dynamodb").scan(TableName=setting.partition(":")[2])["Items"]
    everything = {item.pk for item in (*stored_items.OF_NOVEMBER, *stored_items.FOREIGN)}
    everything |= {item.pk for item in stored_items.items_of_every_type()}
    assert {item["pk"]["S"] for item in written} == everything - removed


@pytest.mark.parametrize(
    ("app", "words"),
    [(providers.app, ()), (models.app, ()), (config.app, ("check",))],
    ids=["providers", "models", "config"],
)
def test_the_other_commands_do_not_mind_the_store(
    app: Any, words: tuple[str, ...], command: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = setting_of("data", data)
    stored_items.fill(setting)
    monkeypatch.setenv("EDGEWAY_STORE", setting)
    ran = command(app, *words)
    assert (ran.exit_code, ran.exception) == (0, None), ran.output


@pytest.mark.parametrize("key", [None, stored_items.KEY])
def test_the_development_key_is_found_or_made(key: str | None, data: Path) -> None:
    setting = setting_of("data", data)
    stored_items.fill(setting)
    made = ensure_development_key(setting, key)
    assert ensure_development_key(setting, key) == made
    assert key in (None, made)
    with closing(open_store(setting)) as store:
        names = [item.attributes.get("name") for item in run(store.scan(ItemType.KEY))]
    assert sorted(map(str, names)) == sorted(["None", "alice", *([] if key else ["development"])])


def test_a_development_key_that_has_been_revoked_is_replaced(command: Run, data: Path) -> None:
    setting = setting_of("data", data)
    first = ensure_development_key(setting, None)
    assert command(keys.app, "revoke", "development", "--data", str(data)).exit_code == 0
    second = ensure_development_key(setting, None)
    assert first != second == ensure_development_key(setting, None)
    with pytest.raises(
        ValueError, match=r"^--key: invalid x-api-key: the key has been revoked; ask the operator for a new one$"
    ):
        ensure_development_key(setting, first)


def test_a_key_of_ones_own_whose_record_is_spoilt_is_named(data: Path) -> None:
    setting = setting_of("data", data)
    stored_items.fill(setting)
    with pytest.raises(ValueError, match=r"^--key: invalid x-api-key: what this gateway has stored of the key cannot"):
        ensure_development_key(setting, stored_items.SPOILT_KEY)


@pytest.mark.parametrize("text", ["[/b]", "[red]x", ":smile:", "[[]"])
def test_names_are_shown_as_they_are(text: str, command: Run, data: Path) -> None:
    assert command(keys.app, "create", "--name", text, "--owner", text, "--data", str(data)).exit_code == 0
    for words in (("list",), ("show", text)):
        ran = command(keys.app, *words, "--data", str(data))
        assert (ran.exit_code, ran.exception, ran.stdout.count(text)) == (0, None, 2)


def test_a_time_beyond_every_calendar_is_shown(command: Run, data: Path) -> None:
    record = {**stored_items.RECORD, "expires": 10**15, "created": -(10**15)}
    stored_items.write(setting_of("data", data), [stored_items.Stored(stored_items.PARTITION, record)])
    for words in (("list",), ("show", "alice")):
        ran = command(keys.app, *words, "--data", str(data))
        assert (ran.exit_code, ran.exception, ran.stdout.count("in no calendar")) == (0, None, 2)


@pytest.mark.parametrize("words", [("list",), ("revoke", "alice"), ("create", "--name", "alice")], ids=" ".join)
def test_a_file_that_cannot_be_used_is_named(words: tuple[str, ...], command: Run, data: Path) -> None:
    data.mkdir()
    (data / DATABASE).write_text("no database, but a text " * 99)
    ran = command(keys.app, *words, "--data", str(data))
    assert (ran.exit_code, ran.output) == (
        1,
        f"The data folder cannot be used: {data / DATABASE}: file is not a database. Name another one: --data DIR\n",
    )


def test_a_file_of_a_later_release_is_named(command: Run, data: Path) -> None:
    command(keys.app, "list", "--data", str(data))
    with closing(sqlite3.connect(data / DATABASE)) as database:
        database.execute("PRAGMA user_version = 99")
    said = (
        f"The data folder cannot be used: {data / DATABASE}: a later release of Edgeway has written it, so only that "
        "or a later one may use it. Name another one: --data DIR\n"
    )
    ran = command(keys.app, "list", "--data", str(data))
    assert (ran.exit_code, ran.output) == (1, said)
