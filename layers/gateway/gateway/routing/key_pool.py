"""Reads the operator's keys for one provider: several in one variable with commas, or in numbered ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_NUMBERED = 20
"""`OPENAI_API_KEY_2` to `OPENAI_API_KEY_20`."""
LEAST_SECRET = 8
"""Characters. Shorter keys are words like `none`, which a server on one's own machine is given for one."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A provider's key. Printing or formatting it does not show it."""

    _value: str

    def reveal(self) -> str:
        """The key itself, for the header that carries it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"


def keys_in(variables: Iterable[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the first variable that holds any, by itself or under its numbers, each once and in their order."""
    return next(filter(None, (_keys(variable, environ) for variable in variables)), ())


def numbered(variable: str) -> tuple[str, ...]:
    """The names under which a variable's keys may stand."""
    return (variable, *(f"{variable}_{number}" for number in range(2, MOST_NUMBERED + 1)))


def _keys(variable: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    given = ",".join(environ.get(name, "") for name in numbered(variable))
    return tuple(dict.fromkeys(key for each in given.split(",") if (key := each.strip())))
