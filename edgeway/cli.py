"""The `edgeway` command: an index of sub-commands, each imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, cast

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Lazy(TyperCommand):
    """Stands for the `app` (a typer.Typer) of a module, or the one that it names: imported when it is called."""

    def __init__(self, name: str, module: str, summary: str) -> None:
        super().__init__(name, help=summary)
        self._module = module

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Hand over to the command itself."""
        return self.load().make_context(info_name, args, parent, **extra)

    def load(self) -> TyperGroup | TyperCommand:
        """Import the command."""
        module, _, name = self._module.partition(":")
        app = getattr(import_module(module), name or "app")
        app._add_completion = False  # noqa: SLF001 completion is installed for `edgeway` as a whole, or not at all
        return cast("TyperGroup | TyperCommand", get_command(app))


def index() -> TyperGroup:
    """Return `edgeway` itself."""
    return TyperGroup(
        name="edgeway",
        help="An Anthropic-compatible API for every model.",
        no_args_is_help=True,
        commands=[
            Lazy("local", "edgeway.commands.serving.local", "Run the gateway on this machine."),
            Lazy("serve", "edgeway.commands.serving.serve", "Run the gateway in a container, in production."),
            Lazy("clients", "edgeway.commands.callers.clients", "Print what to set in Claude Code and other clients."),
            Lazy("keys", "edgeway.commands.callers.keys", "Make, list and revoke the keys of callers."),
            Lazy("usage", "edgeway.commands.callers.usage", "Show who has spent what."),
            Lazy("statusline", "edgeway.commands.callers.statusline", "Print a line for Claude Code's status line."),
            Lazy(
                "owners", "edgeway.commands.callers.shared_budgets:owners", "Limit what an owner's keys spend together."
            ),
            Lazy("pools", "edgeway.commands.callers.shared_budgets:pools", "Limit what several keys spend together."),
            Lazy("traits", "edgeway.commands.upstreams.traits", "Show and forget what upstreams have taught."),
            Lazy("models", "edgeway.commands.upstreams.models", "Search the models that can be asked for."),
            Lazy("providers", "edgeway.commands.upstreams.providers", "Show whom the gateway can ask."),
            Lazy("explain", "edgeway.commands.upstreams.explain", "Say who is asked for a model, and why."),
            Lazy("doctor", "edgeway.commands.doctor", "Examine a running gateway end to end."),
            Lazy("config", "edgeway.commands.upstreams.config", "Check the operator's file, edgeway.toml."),
        ],
    )


def main() -> None:
    """Run the command that the arguments name."""
    if any(word.startswith("--key") for word in sys.argv):
        import_module("edgeway.commands.key_option").hide_key(sys.argv, sys.orig_argv)
    index()(prog_name="edgeway")
