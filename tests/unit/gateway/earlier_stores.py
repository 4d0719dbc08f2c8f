"""Stores as the release of November 2026 wrote them: no types, and learnt traits under the sort key of keys."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import boto3
from gateway.attribute_values import encode_all
from gateway.keys import hash_key

KEY = "a-key-of-november"
RECORD: Mapping[str, Any] = {
    "id": "key_0123456789abcdef",
    "name": "alice",
    "hint": "a-key-…mber",
    "owner": "team-a",
    "role": "user",
    "status": "active",
    "plan": "standard",
    "created": 1_796_000_000,
    "expires": None,
    "allowed_models": ["gpt-5"],
    "budget_day": None,
    "budget_month": 5_000_000,
}
LEARNT = {"refused_fields": ["top_p"]}
ROWS = (
    (f"KEY#{hash_key(KEY)}", 3, None, RECORD),
    ("QUIRK#openai#gpt-5", 1, 1_796_086_400, LEARNT),
)
"""Partition, version, ttl and attributes; the sort key is META."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    ttl INTEGER,
    attributes TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID
"""


def write_file(path: Path) -> None:
    """The file of an embedded store."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(_SCHEMA)
        for pk, version, ttl, attributes in ROWS:
            values = (pk, version, ttl, json.dumps(attributes))
            database.execute("INSERT INTO items VALUES (?, 'META', ?, ?, ?)", values)


def write_table(table: str) -> None:
    """The items of a DynamoDB table."""
    for pk, version, ttl, attributes in ROWS:
        end = {} if ttl is None else {"ttl": ttl}
        item = {**attributes, "pk": pk, "sk": "META", "version": version, "mark": "0123456789abcdef", **end}
        boto3.client("dynamodb").put_item(TableName=table, Item=encode_all(item))


def write(setting: str) -> None:
    """The store that a setting names."""
    kind, _, name = setting.partition(":")
    if kind == "sqlite":
        write_file(Path(name))
    else:
        write_table(name)
