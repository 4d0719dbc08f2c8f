"""`edgeway keys`: make, list, change and revoke the keys of callers, on this machine or on a stack."""

import time
from typing import Annotated, Any

import typer
from gateway.access.authentication import CACHE_SECONDS
from gateway.access.keys import is_well_formed

from edgeway.commands.callers.key_tables import print_acts, print_key, print_keys
from edgeway.commands.callers.limit_options import (
    BudgetDayOption,
    BudgetMonthOption,
    BudgetTotalOption,
    RequestsOption,
    StreamsOption,
    TokensOption,
    given,
)
from edgeway.commands.callers.new_key import WAIT, WaitOption, hand_over
from edgeway.commands.key_option import HOW_TO_HIDE_A_KEY, KeyFileOption, chosen_key
from edgeway.commands.store_setting import DataOption, StoreOption
from edgeway.commands.target import EXIT_STATUSES, StackOption, explaining_aws, open_target
from edgeway.keyring import Plan

app = typer.Typer(no_args_is_help=True, help="Make, list, change and revoke the keys of callers.", epilog=EXIT_STATUSES)

EVERYWHERE = f"every function refuses it within {CACHE_SECONDS:.0f} seconds"

KeyArgument = Annotated[str, typer.Argument(help="The id or the name of the key.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
OwnerOption = Annotated[str | None, typer.Option(help="Whose it is.")]
PlanOption = Annotated[
    Plan | None,
    typer.Option(help="The plan, by which requests are limited. Default of a new key: unlimited."),
]


def named(name: str) -> str:
    """The name, which people can read."""
    if not name.strip() or not name.isprintable():
        raise typer.BadParameter("give at least one character, and only characters that can be seen")
    return name


def _models(models: list[str] | None) -> list[str] | None:
    """The authorizer hands them on as lines, where an empty one would be no limit at all."""
    return None if models is None else [named(model) for model in models]


ModelOption = Annotated[
    list[str] | None,
    typer.Option("--model", callback=_models, help="A model that it may use; repeat it. Default of a new key: all."),
]
PoolOption = Annotated[
    str | None, typer.Option(help="The pool whose budget it shares (see `edgeway pools`); an empty text: none.")
]
ExpiryOption = Annotated[int | None, typer.Option(min=1, max=36_500, help="Days from now after which it is refused.")]


@app.command()
def create(
    name: Annotated[str, typer.Option(callback=named, help="What the key is called in lists and logs.")],
    owner: OwnerOption = None,
    key: Annotated[
        str | None, typer.Option(help=f"Register this text as the key instead of making one. {HOW_TO_HIDE_A_KEY}")
    ] = None,
    key_file: KeyFileOption = None,
    plan: PlanOption = None,
    model: ModelOption = None,
    expires_days: ExpiryOption = None,
    budget_day: BudgetDayOption = None,
    budget_month: BudgetMonthOption = None,
    budget_total: BudgetTotalOption = None,
    pool: PoolOption = None,
    requests_per_minute: RequestsOption = None,
    tokens_per_minute: TokensOption = None,
    streams: StreamsOption = None,
    wait: WaitOption = WAIT,
    *,
    as_json: JsonOption = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Make a key. It is printed once: only its hash is stored."""
    key = chosen_key(key, key_file)
    if key is not None and not is_well_formed(key):
        raise typer.BadParameter(
            "a key has 8 to 512 visible ASCII characters; this one is none, or a key of ours that is mistyped. "
            "Leave --key out, and one is made",
            param_hint="--key",
        )
    facts = _facts(owner=owner, plan=plan, model=model, expires_days=expires_days, pool=pool)
    facts |= given(
        budget_day=budget_day,
        budget_month=budget_month,
        budget_total=budget_total,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        streams=streams,
    )
    with open_target(stack, store, data) as target:
        made, record = target.run(target.keyring.create(name, key=key, **facts))
        hand_over(made, record, target.base_url, wait=wait, as_json=as_json)


@app.command("list")
def list_keys(
    *, as_json: JsonOption = False, stack: StackOption = None, data: DataOption = None, store: StoreOption = None
) -> None:
    """List the keys, the newest last."""
    with open_target(stack, store, data) as target:
        print_keys(target.run(target.registry.all()), as_json=as_json)


@app.command()
def show(
    key: KeyArgument,
    *,
    as_json: JsonOption = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Show all that is known of a key; on a stack also how API Gateway treats it."""
    with open_target(stack, store, data) as target:
        found = target.run(target.keyring.one(key))
        print_key(found.record, target.run(target.gate.admission(found)), as_json=as_json)


@app.command()
def audit(
    *, as_json: JsonOption = False, stack: StackOption = None, data: DataOption = None, store: StoreOption = None
) -> None:
    """List what was done to keys, and by whom, the newest last. It is kept for 400 days."""
    with open_target(stack, store, data) as target:
        print_acts(target.run(target.registry.acts()), as_json=as_json)


@app.command()
def update(
    key: KeyArgument,
    owner: OwnerOption = None,
    plan: PlanOption = None,
    model: ModelOption = None,
    expires_days: ExpiryOption = None,
    budget_day: BudgetDayOption = None,
    budget_month: BudgetMonthOption = None,
    budget_total: BudgetTotalOption = None,
    pool: PoolOption = None,
    requests_per_minute: RequestsOption = None,
    tokens_per_minute: TokensOption = None,
    streams: StreamsOption = None,
    *,
    all_models: Annotated[bool, typer.Option("--all-models", help="It may use every model.")] = False,
    never_expires: Annotated[bool, typer.Option("--never-expires", help="It is good until it is revoked.")] = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Change what is said of a key; without options, complete what an interrupted command has left half done."""
    if (all_models and model) or (never_expires and expires_days):
        raise typer.BadParameter(
            "give --model or --all-models, and --expires-days or --never-expires, not both",
            param_hint="--all-models, --never-expires",
        )
    facts = _facts(owner=owner, plan=plan, model=model, expires_days=expires_days, pool=pool)
    facts |= given(
        budget_day=budget_day,
        budget_month=budget_month,
        budget_total=budget_total,
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        streams=streams,
    )
    facts |= {"allowed_models": ()} if all_models else {}
    facts |= {"expires": None} if never_expires else {}
    with open_target(stack, store, data) as target:
        record = target.run(target.keyring.update(key, **facts))
    typer.echo(f"{record.id} ({record.name}) is in the plan {record.plan}.")


@app.command()
def revoke(key: KeyArgument, stack: StackOption = None, data: DataOption = None, store: StoreOption = None) -> None:
    """Revoke a key, for good. Functions that have seen it refuse it within half a minute."""
    with open_target(stack, store, data) as target:
        record = target.run(target.keyring.revoke(key))
    typer.echo(f"{record.id} ({record.name}) is revoked; {EVERYWHERE}.")


@app.command()
def rotate(
    key: KeyArgument,
    overlap_hours: Annotated[
        int, typer.Option(min=0, help="Hours for which the old key goes on working. Default: it is revoked at once.")
    ] = 0,
    wait: WaitOption = WAIT,
    *,
    as_json: JsonOption = False,
    stack: StackOption = None,
    data: DataOption = None,
    store: StoreOption = None,
) -> None:
    """Make a new key with the name, owner, plan and limits of an old one, which is revoked."""
    old_ends = int(time.time()) + overlap_hours * 3600 if overlap_hours else None
    with open_target(stack, store, data) as target:
        made, record = target.run(target.keyring.rotate(key, old_ends=old_ends))
        hand_over(made, record, target.base_url, wait=wait, as_json=as_json)
    ending = f"expires in {overlap_hours} hours" if overlap_hours else f"is revoked; {EVERYWHERE}"
    typer.echo(f"The old key {ending}.", err=True)


@app.command()
def teardown(
    stack: Annotated[str, typer.Option("--stack", metavar="NAME", help="The stack; it may be deleted already.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove all that this command line has made for a stack: every key, and the providers' keys."""
    if not yes:
        typer.confirm(
            f"Remove every key of {stack}, and its providers' keys? No caller gets in afterwards.", abort=True
        )
    with explaining_aws():
        from edgeway.aws.teardown import tear_down

        removed = tear_down(stack)
    typer.echo(
        f"Removed {removed.keys} keys, {removed.api_keys} API Gateway keys, {removed.provider_keys} providers' keys."
    )
    if not removed.found_stack:
        typer.echo("There is no such stack here any more: what its table may hold of the keys is left there.", err=True)


def _facts(
    owner: str | None, plan: Plan | None, model: list[str] | None, expires_days: int | None, pool: str | None
) -> dict[str, Any]:
    """The facts of a key record that were given."""
    expires = None if expires_days is None else int(time.time()) + expires_days * 86_400
    facts = {
        "owner": owner,
        "plan": plan,
        "allowed_models": tuple(model) if model else None,
        "expires": expires,
        "pool": pool,
    }
    return {name: value for name, value in facts.items() if value is not None}
