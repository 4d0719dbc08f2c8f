"""`edgeway owners` and `edgeway pools`: budgets that several keys share."""

import json
from typing import Annotated, Final

import typer
from gateway.access.limits import WINDOWS, Limits
from gateway.access.shared_budgets import HolderKind
from rich.table import Table

from edgeway.commands.callers.key_tables import dollars_or_none
from edgeway.commands.callers.keys import JsonOption, named
from edgeway.commands.callers.limit_options import BudgetDayOption, BudgetMonthOption, BudgetTotalOption, given
from edgeway.commands.store_setting import DataOption, StoreOption
from edgeway.commands.tables import print_table
from edgeway.commands.target import EXIT_STATUSES, StackOption, open_target

_SPANS: Final = {"day": "a day", "month": "a month", "total": "in all"}


def shared_budgets_app(kind: HolderKind, summary: str) -> typer.Typer:
    """The commands for one kind of holder."""
    app = typer.Typer(no_args_is_help=True, help=summary, epilog=EXIT_STATUSES)
    name_argument = Annotated[str, typer.Argument(callback=named, help=f"The name of the {kind}.")]

    @app.command("list")
    def list_all(
        *, as_json: JsonOption = False, stack: StackOption = None, data: DataOption = None, store: StoreOption = None
    ) -> None:
        """List the budgets."""
        with open_target(stack, store, data) as target:
            found = target.run(target.shared_budgets[kind].all())
        if as_json:
            typer.echo(json.dumps([{"name": each.name, **_as_json(each.limits)} for each in found]))
            return
        table = Table("name", *(f"budget {window}" for window in WINDOWS))
        for each in found:
            table.add_row(each.name, *(dollars_or_none(getattr(each.limits, window)) for window in WINDOWS))
        print_table(table)

    @app.command()
    def update(
        name: name_argument,
        budget_day: BudgetDayOption = None,
        budget_month: BudgetMonthOption = None,
        budget_total: BudgetTotalOption = None,
        *,
        as_json: JsonOption = False,
        stack: StackOption = None,
        data: DataOption = None,
        store: StoreOption = None,
    ) -> None:
        """Set limits over all the keys together, those to come included.

        Without options, the limits are written into each key again: that completes what an interrupted command left.
        """
        with open_target(stack, store, data) as target:
            changes = given(day=budget_day, month=budget_month, total=budget_total)
            limits, keys = target.run(target.keyring.share(target.shared_budgets[kind], str(name), changes))
        if as_json:
            typer.echo(json.dumps({"name": name, "keys": keys, **_as_json(limits)}))
            return
        told = ", ".join(f"{dollars_or_none(limit)} a {window}" for window, limit in limits.named()).replace(
            "a total", "in all"
        )
        typer.echo(f"{name}: {told or 'no limit'}. It holds for {keys} keys.")

    return app


def _as_json(limits: Limits) -> dict[str, int | None]:
    return {f"budget_{window}_micro_dollars": getattr(limits, window) for window in WINDOWS}


owners = shared_budgets_app("owner", "Limit what all the keys of an owner may spend together.")
pools = shared_budgets_app("pool", "Limit what several keys may spend together, whoever owns them.")
