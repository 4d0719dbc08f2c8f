"""Which store: the embedded one on a laptop, DynamoDB on AWS. Neither is loaded where the other is used."""

from gateway.store import Store


def open_store(setting: str) -> Store:
    """The store that `EDGEWAY_STORE` names. Raises ValueError for a setting that names none."""
    kind, _, name = setting.partition(":")
    if kind == "sqlite" and name:
        from gateway.sqlite_store import SqliteStore

        return SqliteStore(name)
    if kind == "dynamodb" and name:
        from gateway.dynamodb_store import DynamoDbStore

        return DynamoDbStore(name)
    raise ValueError(f"EDGEWAY_STORE must be sqlite:<path> or dynamodb:<table>, not {setting!r}")
