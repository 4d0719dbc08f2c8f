"""Where a command works: on a stack on AWS, or on the local gateway's own store."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from gateway.access.key_records import AmbiguousNameError
from gateway.access.shared_budgets import HolderKind, SharedBudgets
from gateway.aws.bucket import open_bucket
from gateway.choice.health_table import HealthTable
from gateway.learning.trait_table import TraitTable
from gateway.response_cache.cached_answers import CachedAnswers
from gateway.storage.open import open_store, opened_once
from gateway.storage.protocol import ConflictError, Store, StoreError

from edgeway.commands.store_setting import store_setting, unusable_store
from edgeway.key_audit import AuditedKeys, login_name
from edgeway.keyring import Gate, Keyring, KeyringError, NoGate

T = TypeVar("T")

REFUSED: Final = 1
AWS_REFUSED: Final = 3
NO_SUCH_STACK: Final = 4
EXIT_STATUSES: Final = (
    "Exit status: 1 it cannot be done, 2 the command is wrong, 3 AWS refuses or cannot be reached, 4 no such stack."
)

STACK_VARIABLE: Final = "EDGEWAY_STACK"
HOW_TO_NAME_A_STACK: Final = f"For a stack on AWS: --stack NAME, or export {STACK_VARIABLE}=NAME."

StackOption = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", envvar=STACK_VARIABLE, help="The CloudFormation stack on AWS to work on."),
]


@dataclass(frozen=True, slots=True)
class Target:
    """The keys of a place, what was learnt there, and what else is known of it."""

    keyring: Keyring
    registry: AuditedKeys
    traits: TraitTable
    health: HealthTable
    gate: Gate
    shared_budgets: Mapping[HolderKind, SharedBudgets]
    store: Store
    runner: asyncio.Runner
    base_url: str = ""
    """Where callers find the gateway; empty for a store without a stack."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what waits for the store."""
        return self.runner.run(work)


@dataclass(frozen=True, slots=True)
class _Place:
    store: str
    gate: Gate = field(default_factory=NoGate)
    base_url: str = ""
    bucket: str = ""
    """Where large answers of the response cache lie; empty where they are not kept."""


@contextmanager
def open_target(stack: str | None, store: str | None, data: Path | None) -> Iterator[Target]:
    """Open the target that the options name, and say so on standard error where they name none.

    An error in the block ends the command with its exit status.
    """
    if stack and (store or data):
        raise typer.BadParameter(
            "give either a stack (--stack, EDGEWAY_STACK) or a store (--store, EDGEWAY_STORE, --data)",
            param_hint="--stack",
        )
    setting = "" if stack else store_setting(store, data)
    if not (stack or store or data):
        typer.echo(f"This works on the local gateway's own store, {setting}. {HOW_TO_NAME_A_STACK}", err=True)
    is_local = setting.startswith("sqlite:")
    with _ending_the_command(), _explaining_the_store() if is_local else explaining_aws():
        place = _on_stack(stack) if stack else _Place(setting)
        with asyncio.Runner() as runner, closing(open_store(place.store)) as opened:
            registry = AuditedKeys(opened, clock=time.time, by=login_name())
            traits = TraitTable(opened, clock=time.time)
            owners, pools = SharedBudgets(opened, "owner"), SharedBudgets(opened, "pool")
            bucket = place.bucket or os.environ.get("EDGEWAY_LARGE_ANSWERS")
            large = opened_once(partial(open_bucket, bucket)) if bucket else None
            answers = CachedAnswers(opened, clock=time.time, large=large)
            keyring = Keyring(registry, place.gate, traits, answers, owners, pools)
            shared: Mapping[HolderKind, SharedBudgets] = {"owner": owners, "pool": pools}
            health = HealthTable(opened, clock=time.time)
            yield Target(keyring, registry, traits, health, place.gate, shared, opened, runner, place.base_url)


@contextmanager
def explaining_aws() -> Iterator[None]:
    """Say what AWS refuses and what to do about it, and end the command."""
    from botocore.exceptions import BotoCoreError, ClientError  # slow to load, and wanted for AWS alone
    from gateway.aws.types import AwsError

    from edgeway.aws.failures import explain
    from edgeway.aws.stack import NoSuchStackError

    try:
        yield
    except NoSuchStackError as error:
        raise _ended(NO_SUCH_STACK, str(error), error) from error
    except (BotoCoreError, ClientError, AwsError) as error:
        raise _ended(AWS_REFUSED, explain(error), error) from error


@contextmanager
def _explaining_the_store() -> Iterator[None]:
    try:
        yield
    except (OSError, StoreError) as error:
        raise _ended(REFUSED, unusable_store(error), error) from error


@contextmanager
def _ending_the_command() -> Iterator[None]:
    try:
        yield
    except AmbiguousNameError as error:
        raise _ended(REFUSED, f"{error}. Name one by its id.", error) from error
    except ConflictError as error:
        raise _ended(REFUSED, "The key was changed by someone else at the same time. Try again.", error) from error
    except KeyringError as error:
        raise _ended(REFUSED, str(error), error) from error


def _ended(status: int, message: str, error: Exception) -> typer.Exit:
    for line in (message, *getattr(error, "__notes__", ())):
        typer.echo(line, err=True)
    return typer.Exit(status)


def _on_stack(name: str) -> _Place:
    from gateway.aws.boto3_client import open_boto3_client

    from edgeway.aws.stack import find_stack
    from edgeway.aws.usage_plans import UsagePlans

    stack = find_stack(open_boto3_client("cloudformation"), name)
    plans = UsagePlans(open_boto3_client("apigateway"), stack)
    return _Place(f"dynamodb:{stack.table}", plans, stack.base_url, stack.resources.get("AnswersBucket", ""))
