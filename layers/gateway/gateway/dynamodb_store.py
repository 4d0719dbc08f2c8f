"""The store on AWS: one DynamoDB table with the string keys `pk` and `sk`, and `ttl` as its time-to-live attribute."""

from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway.store import ConflictError, Item

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})
_OWN = frozenset({"pk", "sk", "version", "ttl"})


class DynamoDbStore:
    """The endpoint and region come from the environment, as for every AWS client (AWS_ENDPOINT_URL_DYNAMODB)."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._client: Any = boto3.client("dynamodb", config=_CONFIG)
        self._serialize = TypeSerializer().serialize
        self._deserialize = TypeDeserializer().deserialize

    def get(self, pk: str, sk: str) -> Item | None:
        """The item, if there is one; read consistently, since a revoked key must not come back."""
        answer = self._client.get_item(TableName=self._table, Key=self._key(pk, sk), ConsistentRead=True)
        return self._item(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces`; None where there must be none."""
        own: dict[str, Any] = {"pk": item.pk, "sk": item.sk, "version": item.version}
        if item.ttl is not None:
            own["ttl"] = item.ttl
        written = {name: self._serialize(value) for name, value in {**item.attributes, **own}.items()}
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if replaces is not None:
            condition = {
                "ConditionExpression": "#version = :replaces",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":replaces": self._serialize(replaces)},
            }
        try:
            self._client.put_item(TableName=self._table, Item=written, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConflictError(f"{item.pk} {item.sk} is not at version {replaces}") from error
            raise

    def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """The items of a partition whose sort key begins so, in the order of the sort key."""
        condition, values = "pk = :pk", {":pk": pk}
        if sk_prefix:
            condition, values = "pk = :pk AND begins_with(sk, :sk)", {":pk": pk, ":sk": sk_prefix}
        return self._pages("query", KeyConditionExpression=condition, ExpressionAttributeValues=self._values(values))

    def scan(self, sk: str) -> Sequence[Item]:
        """Every item with this sort key, whatever its partition."""
        items = self._pages("scan", FilterExpression="sk = :sk", ExpressionAttributeValues=self._values({":sk": sk}))
        return sorted(items, key=lambda item: item.pk)

    def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""
        self._client.delete_item(TableName=self._table, Key=self._key(pk, sk))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _pages(self, operation: str, **parameters: Any) -> list[Item]:
        pages = self._client.get_paginator(operation).paginate(TableName=self._table, **parameters)
        return [self._item(written) for page in pages for written in page["Items"]]

    def _key(self, pk: str, sk: str) -> dict[str, Any]:
        return self._values({"pk": pk, "sk": sk})

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._serialize(value) for name, value in values.items()}

    def _item(self, written: Mapping[str, Any]) -> Item:
        values = {name: self._deserialize(value) for name, value in written.items()}
        attributes = {name: _plain(value) for name, value in values.items() if name not in _OWN}
        ttl = values.get("ttl")
        return Item(values["pk"], values["sk"], attributes, int(values["version"]), None if ttl is None else int(ttl))


def _plain(value: Any) -> Any:
    """Numbers as integers, which is all that we store; boto3 gives decimals."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return int(value) if hasattr(value, "as_tuple") else value
