"""The store on AWS: one DynamoDB table with the string keys `pk` and `sk`, and `ttl` as its time-to-live attribute."""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from gateway.aws.client import AwsClient
from gateway.aws.types import AwsError
from gateway.storage.attribute_values import AttributeValue, decode_all, encode_all
from gateway.storage.protocol import Change, ConflictError, Item, ItemType, UnmetError
from gateway.storage.update_expressions import update

_OWN = frozenset({"pk", "sk", "type", "version", "ttl", "mark"})
"""`mark` tells one write from every other."""


class DynamoDbStore:
    """The items of one table. Every method raises `AwsError` where DynamoDB refuses or does not answer."""

    def __init__(self, table: str, client: AwsClient) -> None:
        self._table = table
        self._client = client

    async def get(self, pk: str, sk: str) -> Item | None:
        """Return the item; None where there is none. The read is consistent: a revoked key must not come back."""
        answer = await self._call("GetItem", Key=_key(pk, sk), ConsistentRead=True)
        return _item(answer["Item"]) if "Item" in answer else None

    async def put(self, item: Item, *, replaces: int | None) -> None:
        """Write the item where the stored version is `replaces`. None: there must be no item yet."""
        own: dict[str, object] = {
            "pk": item.pk,
            "sk": item.sk,
            "type": item.type,
            "version": item.version,
            "mark": token_hex(8),
        }
        if item.ttl is not None:
            own["ttl"] = item.ttl
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if replaces is not None:
            condition = _is_at(replaces)
        try:
            await self._call("PutItem", Item=encode_all({**item.attributes, **own}), **condition)
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            # Clients send a call again whose answer was lost: what stands in the way may be this very write.
            found = await self._call("GetItem", Key=_key(item.pk, item.sk), ConsistentRead=True)
            if found.get("Item", {}).get("mark") != encode_all({"mark": own["mark"]})["mark"]:
                raise ConflictError(f"{item.pk} {item.sk} is not at version {replaces}") from error

    async def change(self, change: Change) -> Item:
        """Write a part of an item where the change's conditions hold. Return the item after the write."""
        try:
            answer = await self._call(
                "UpdateItem", Key=_key(change.pk, change.sk), **update(change), ReturnValues="ALL_NEW"
            )
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            raise UnmetError(change, await self.get(change.pk, change.sk)) from error
        return _read(change.type, answer["Attributes"])

    async def query(self, pk: str, sk_prefix: str = "") -> Sequence[Item]:
        """Return the items of a partition whose sort key begins with `sk_prefix`, in the order of the sort key."""
        condition, values = "pk = :pk", {":pk": pk}
        if sk_prefix:
            condition, values = "pk = :pk AND begins_with(sk, :sk)", {":pk": pk, ":sk": sk_prefix}
        return await self._pages(
            "Query", KeyConditionExpression=condition, ExpressionAttributeValues=encode_all(values)
        )

    async def scan(self, item_type: ItemType) -> Sequence[Item]:
        """Every item of this type, in the order of the keys."""
        prefix = encode_all({":prefix": item_type.prefix})
        items = await self._pages("Scan", FilterExpression="begins_with(pk, :prefix)", ExpressionAttributeValues=prefix)
        return sorted((item for item in items if item.type is item_type), key=lambda item: (item.pk, item.sk))

    async def delete(self, pk: str, sk: str) -> None:
        """Remove the item, if there is one."""
        await self._call("DeleteItem", Key=_key(pk, sk))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    async def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return await self._client.call(operation, {"TableName": self._table, **parameters})

    async def _pages(self, operation: str, **parameters: Any) -> list[Item]:
        """Return the items of all pages. DynamoDB reads a megabyte at a time, and says where to go on."""
        answer = await self._call(operation, **parameters)
        written = answer["Items"]
        while "LastEvaluatedKey" in answer:
            answer = await self._call(operation, **parameters, ExclusiveStartKey=answer["LastEvaluatedKey"])
            written += answer["Items"]
        return [item for each in written if (item := _item(each))]


def _key(pk: str, sk: str) -> dict[str, AttributeValue]:
    return encode_all({"pk": pk, "sk": sk})


def _is_at(version: int) -> dict[str, Any]:
    """Return the condition that this version is stored. 0 stands for an item whose version cannot be read."""
    expression = "#version = :version"
    values: dict[str, object] = {":version": version}
    if version == 0:
        expression = f"attribute_exists(pk) AND ({expression} OR NOT attribute_type(#version, :number))"
        values |= {":number": "N"}
    return {
        "ConditionExpression": expression,
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": encode_all(values),
    }


def _item(written: Mapping[str, AttributeValue]) -> Item | None:
    values = decode_all({name: written[name] for name in ("pk", "sk", "type") if name in written})
    item_type = ItemType.of_stored(values["pk"], values["sk"], values.get("type"))
    return None if item_type is None else _read(item_type, written)


def _read(item_type: ItemType, written: Mapping[str, AttributeValue]) -> Item:
    values = decode_all(written)
    attributes = {name: value for name, value in values.items() if name not in _OWN}
    version, ttl = (value if type(value := values.get(name)) is int else None for name in ("version", "ttl"))
    return Item(values["pk"], values["sk"], item_type, attributes, version or 0, ttl)
