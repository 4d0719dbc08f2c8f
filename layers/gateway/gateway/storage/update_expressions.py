"""Writes a change as DynamoDB's update expression, with its condition, names and values.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from collections.abc import Iterator
from typing import Any

from gateway.storage.attribute_values import encode
from gateway.storage.protocol import Change


def update(change: Change) -> dict[str, Any]:
    """Return the parameters of `UpdateItem` for a change."""
    words = _Words()
    conditions = [_of_its_type(words, change), *_conditions(words, change)]
    put = {**change.put, "type": change.type.value} | ({} if change.ttl is None else {"ttl": change.ttl})
    adding = {**change.add, "version": 1}
    clauses = {
        "SET": [f"{words.name(name)} = {words.value(value)}" for name, value in put.items()],
        "ADD": [f"{words.name(name)} {words.value(number)}" for name, number in adding.items()],
        "REMOVE": [words.name(name) for name in change.remove],
    }
    return {
        "UpdateExpression": " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": words.names,
        "ExpressionAttributeValues": words.values,
    }


class _Words:
    """Placeholders for names and values. Many names are reserved, and an expression may hold no value."""

    def __init__(self) -> None:
        self._by_name: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    @property
    def names(self) -> dict[str, str]:
        return {stand_in: name for name, stand_in in self._by_name.items()}

    def name(self, name: str) -> str:
        return self._by_name.setdefault(name, f"#n{len(self._by_name)}")

    def value(self, value: object) -> str:
        stand_in = f":v{len(self.values)}"
        self.values[stand_in] = encode(value)
        return stand_in


def _of_its_type(words: _Words, change: Change) -> str:
    return f"(attribute_not_exists(pk) OR {words.name('type')} = {words.value(change.type.value)})"


def _conditions(words: _Words, change: Change) -> Iterator[str]:
    for name, value in change.equal.items():
        yield _is_missing(words, name) if value is None else f"{words.name(name)} = {words.value(value)}"
    for name, value in change.unequal.items():
        yield f"({_is_missing(words, name)} OR {words.name(name)} <> {words.value(value)})"
    for name, most in change.at_most.items():
        holds = f"{words.name(name)} <= {words.value(most)}"
        yield holds if most < 0 else f"({_is_missing(words, name)} OR {holds})"
    for name in change.present:
        yield f"attribute_exists({words.name(name)})"


def _is_missing(words: _Words, name: str) -> str:
    return f"attribute_not_exists({words.name(name)})"
