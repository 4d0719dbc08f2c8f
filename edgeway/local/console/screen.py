"""Writes the first screen of `edgeway local`: what is there, and what to copy into another terminal. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from gateway.routing.providers import ConfiguredProvider

from edgeway.clients import Gateway, claude_code
from edgeway.local.built_in import DEMO
from edgeway.local.console.terminal import Terminal, printable
from edgeway.local.offer import Models, Offer

WIDTH: Final = 100
LABEL: Final = 13
"""Columns before what a label is for."""
MOST_PROVIDERS: Final = 6
MOST_MODELS: Final = 3

DEMO_NOTE: Final = (
    "No provider is configured, and no model server was found on this machine: a demo answers.",
    "It follows a few phrases by rule, and is no language model. For a real one set OPENAI_API_KEY, …",
)


def start_screen(
    offer: Offer,
    key: str,
    gateway: Gateway | None,
    terminal: Terminal,
    *,
    edgeway: str,
    hint: str,
    notes: Sequence[str],
) -> list[str]:
    """Return the lines. `edgeway` is how the command is called here, `hint` what it needs to find this gateway.

    `gateway` is None where nobody can say which model answers.
    """
    lines = [""]
    if DEMO in offer.configured:
        lines += [
            *(terminal.styled(line, "strong") for line in DEMO_NOTE),
            f"  {edgeway} providers              which key makes whom answer",
            f"  {edgeway} local --model smollm2  a small real model, on this machine",
            "",
        ]
    if notes:
        lines += [*notes, ""]
    lines += [f"  {'key':<{LABEL - 2}}{key}"]
    lines += [*_labelled("providers", _providers(offer, edgeway)), *_labelled("default", _default(offer.models)), ""]
    if gateway is not None:
        lines += [
            terminal.styled("Claude Code, in another terminal:", "strong"),
            *(f"  {line}" for line in claude_code(gateway)),
            "",
        ]
    others = "OpenCode, Cline, Kilo Code, the SDKs, curl"
    return [*lines, f"Other clients ({others}): {edgeway} clients{hint}", ""]


def _labelled(label: str, lines: Iterator[str]) -> list[str]:
    return [_cut(f"  {label if number == 0 else '':<{LABEL - 2}}{line}") for number, line in enumerate(lines)]


def _providers(offer: Offer, edgeway: str) -> Iterator[str]:
    """A line for each: where it is asked, which key goes there, and what it has."""
    shown = list(offer.configured.values())[:MOST_PROVIDERS]
    rows = [(_name(each), _host(each), _key(each, offer.environment), _listed(offer, each)) for each in shown]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *columns, models in rows:
        padded = "  ".join(column.ljust(width) for column, width in zip(columns, widths, strict=True))
        yield f"{padded}  {models}".rstrip()
    if more := len(offer.configured) - len(shown):
        yield f"and {more} more: {edgeway} providers"


def _name(provider: ConfiguredProvider) -> str:
    return printable(provider.provider.name)[:24]


def _host(provider: ConfiguredProvider) -> str:
    # A name and password before the host are nobody's business who looks on.
    return urlsplit(provider.base_url).netloc.rpartition("@")[2][:44]


def _key(provider: ConfiguredProvider, environment: Mapping[str, str]) -> str:
    if provider.signing is not None:
        return f"signed with AWS credentials, {provider.signing.region}"
    if not provider.authorization():
        return "gets no key"
    variables = provider.provider.key_variables
    return "gets " + next((variable for variable in variables if environment.get(variable, "").strip()), "its key")


def _listed(offer: Offer, provider: ConfiguredProvider) -> str:
    models = offer.listed.get(provider.id, ())
    more = len(models) - MOST_MODELS
    return ", ".join(models[:MOST_MODELS]) + (f" and {more} more" if more > 0 else "")


def _default(models: Models | None) -> Iterator[str]:
    if models is None:
        yield "none: name a model as provider/model"
    elif set(models.tiers.values()) == {models.main}:
        yield f"{models.main} answers for every Claude model that is asked for"
    else:
        tiers = ", ".join(f"{tier} → {name}" for tier, name in models.tiers.items())
        yield from textwrap.wrap(f"for Claude's own names: {tiers}", WIDTH - LABEL, break_on_hyphens=False)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
