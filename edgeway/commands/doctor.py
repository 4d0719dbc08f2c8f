"""`edgeway doctor`: examines a running gateway from outside."""

import json
import os
import time
from typing import Annotated, Final, NoReturn

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edgeway.commands.doctor_stack import read_stack
from edgeway.commands.key_option import HOW_TO_HIDE_A_KEY, KeyFileOption, chosen_key
from edgeway.commands.tables import print_table
from edgeway.commands.target import STACK_VARIABLE
from edgeway.doctor.bedrock import MODEL, examine_bedrock
from edgeway.doctor.deployment import Deployment
from edgeway.doctor.examination import Patience, Wishes, examine
from edgeway.doctor.findings import Finding

UNREACHABLE: Final = 3
MARKS: Final = {
    "passed": Text("✓ passed", "green"),
    "failed": Text("✗ failed", "red"),
    "noted": Text("● noted", "yellow"),
    "skipped": Text("○ skipped", "dim"),
}

app = typer.Typer(
    epilog="Exit status: 0 nothing failed, 1 a check failed, 2 the command is wrong, 3 it, or AWS, cannot be reached, "
    "4 no such stack."
)


@app.command("doctor")
def doctor(
    context: typer.Context,
    key: Annotated[
        str | None,
        typer.Option(
            envvar=["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"],
            help=f"A key of the gateway's; it is needed. {HOW_TO_HIDE_A_KEY}",
        ),
    ] = None,
    key_file: KeyFileOption = None,
    url: Annotated[
        str,
        typer.Option(envvar="ANTHROPIC_BASE_URL", help="Its base URL, as a client has it. With --stack: the stack's."),
    ] = "http://127.0.0.1:3000",
    stack: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar=STACK_VARIABLE,
            help="Also read what AWS says of this stack, with your credentials. Without a key, read nothing else.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model to ask. Default: the first of the list.")] = None,
    prompt: Annotated[str | None, typer.Option(help="What to ask it for a stream.")] = None,
    burst: Annotated[int, typer.Option(min=0, help="Requests to send at once, to see one throttled.")] = 0,
    *,
    long: Annotated[
        bool, typer.Option("--long", help="Also let a stream run for more than 30 s; costs some tokens.")
    ] = False,
    bedrock: Annotated[
        bool,
        typer.Option("--bedrock", help="Examine Amazon Bedrock with your AWS credentials instead; no key is needed."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Examine a gateway end to end, above all what only a deployment can show. Three small requests go to a model."""
    if bedrock:
        _tell(examine_bedrock(model or MODEL, os.environ), "Amazon Bedrock", as_json=as_json)
    key = chosen_key(key, key_file)
    names_url = _is_typed(context, "url")
    if names_url and not _is_typed(context, "stack"):
        stack = None  # the command line counts before a variable
    if not key and not stack:
        raise typer.BadParameter(
            "give a key of the gateway (edgeway keys create makes one), or a stack: --stack NAME",
            param_hint="--key, --key-file",
        )
    findings: list[Finding] = []
    if stack:
        of_stack, found = read_stack(stack, key)
        findings += found
        if not names_url:  # ANTHROPIC_BASE_URL may name another gateway
            url = of_stack
    if key:
        wishes = Wishes(model=model, prompt=prompt, long=long, burst=burst)
        findings += _examined(url, key, wishes)
    else:
        findings.append(Finding("everything that is asked for", "skipped", "no key", "Give one: --key-file FILE"))
    _tell(findings, url, as_json=as_json)


def _is_typed(context: typer.Context, option: str) -> bool:
    """Whether the option stands on the command line; a variable or the default may have given it otherwise."""
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _examined(url: str, key: str, wishes: Wishes) -> list[Finding]:
    """What is found from outside; a line on the terminal tells how far it is. Who cannot be asked ends the command."""
    findings: list[Finding] = []
    status = Console(stderr=True).status("")
    with httpx.Client(follow_redirects=False) as client, status:
        deployment = Deployment(url, key, client=client, clock=time.monotonic)
        try:
            for finding in examine(deployment, wishes, Patience(time.sleep, status.update)):
                findings.append(finding)
                status.update(f"{len(findings)} checks, the last: {finding.check}")
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise typer.BadParameter(
                f"{url} is no address ({error}): give one as http://127.0.0.1:3000", param_hint="--url"
            ) from error
        except httpx.HTTPError as error:
            typer.echo(
                f"{url} cannot be reached: {error}. Is this the base URL (on AWS: the output BaseUrl)?", err=True
            )
            raise typer.Exit(UNREACHABLE) from error
    return findings


def _tell(findings: list[Finding], url: str, *, as_json: bool) -> NoReturn:
    failed = sum(finding.verdict == "failed" for finding in findings)
    if as_json:
        typer.echo(
            json.dumps({"url": url, "failed": failed, "findings": [each.as_json() for each in findings]}, indent=2)
        )
    else:
        print_table(_table(findings))
        typer.echo(f"{len(findings)} checks, {failed} failed.")
    raise typer.Exit(1 if failed else 0)


def _table(findings: list[Finding]) -> Table:
    table = Table("", "check", "found", "what to do", box=None, pad_edge=False)
    for finding in findings:
        advice = "" if finding.verdict == "passed" else finding.advice
        table.add_row(MARKS[finding.verdict], finding.check, finding.found, advice)
    return table
