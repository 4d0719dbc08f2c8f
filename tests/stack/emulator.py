"""AWS as ministack plays it on this machine, and the stack that is deployed there.

`CANNOT_SHOW` says what it cannot show; `edgeway doctor` looks at that on AWS.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import boto3

from tests.running import EDGEWAY, ROOT, stop

MINISTACK: Final = ROOT / ".venv-stack" / "bin" / "ministack"
SAM: Final = ROOT / ".venv-sam" / "bin" / "sam"
REGION: Final = "eu-central-1"
NAME: Final = "edgeway"
START_LIMIT: Final = 60.0
ARCHITECTURE: Final = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
"""The emulator runs the functions on this machine."""
CANNOT_SHOW: Final = (
    "POST /v1/messages: it knows neither the exec wrapper nor an integration that streams, nor one of 900 seconds",
    "ApiKeySourceType AUTHORIZER: it takes x-api-key for API Gateway's own key, so the test asks for none there",
    "an authorizer without identity sources: it invents one, so the test gives the API the same authorizer again",
    "the texts of gateway responses",
    "the access log of a stage: it does not keep what the template says of it",
    "sam delete: it takes what was uploaded for a nested stack for S3's only at https://s3, so CloudFormation is told",
    "policies: whoever asks may do everything",
    "the firewall: it knows no association of a WebACL",
)


@dataclass(frozen=True, slots=True)
class Account:
    """The emulator's one account."""

    port: int
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """With which every tool of AWS asks the emulator, and no profile of a person's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "EDGEWAY_"))}
        return {
            **kept,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": f"http://localhost:{self.port}",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            "EDGEWAY_WAIT_SECONDS": "0",  # the base URL leads to AWS, and not to the emulator
        }

    def client(self, service: str) -> Any:
        """A client of boto3."""
        return boto3.client(
            service,
            endpoint_url=f"http://localhost:{self.port}",
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )

    def run(self, command: Sequence[str | Path], *, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of a person's, in the repository."""
        words = [str(word) for word in command]
        return subprocess.run(
            words, cwd=ROOT, env=self.environment, input=typed, capture_output=True, text=True, check=False
        )

    def deploy(self) -> subprocess.CompletedProcess[str]:
        """`sam deploy` as samconfig.toml has it, asking nobody."""
        options = [
            "--no-confirm-changeset",
            "--no-progressbar",
            "--parameter-overrides",
            f"Architecture={ARCHITECTURE}",
        ]
        return self.run([SAM, "deploy", *options])

    def delete(self) -> None:
        """What `sam delete` asks CloudFormation for."""
        cloudformation = self.client("cloudformation")
        cloudformation.delete_stack(StackName=NAME)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=NAME, WaiterConfig={"Delay": 1})

    def edgeway(self, *words: str, typed: str = "") -> str:
        """What `edgeway` prints, and that it succeeds."""
        ran = self.run([EDGEWAY, *words], typed=typed)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: object = None) -> tuple[int, Any]:
        """Status and JSON of an answer, through the emulator's API Gateway."""
        api = self.outputs()["BaseUrl"].removeprefix("https://").partition(".")[0]
        connection = HTTPConnection("localhost", self.port, timeout=60)
        named = {"host": f"{api}.execute-api.localhost:{self.port}", "content-type": "application/json", **headers}
        connection.request(method, f"/Prod{path}", None if body is None else json.dumps(body), named)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None


@contextmanager
def running_account(folder: Path) -> Iterator[Account]:
    """An account with nothing in it. Its functions run as processes of the Python that Lambda has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    account = Account(port, folder)
    told = {
        **account.environment,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "_HANDLER": "app.handler",  # as Lambda tells every function; the emulator does not
    }
    with (folder / "ministack.txt").open("w") as log:
        process = subprocess.Popen(
            [MINISTACK], cwd=folder, env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port, folder / "ministack.txt")
            yield account
        finally:
            stop(process)
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()[-4000:]
            assert time.monotonic() < until, log.read_text()[-4000:]
            time.sleep(0.1)


def complete(account: Account) -> None:
    """Let the authorizer alone decide, as on AWS, where it also names the key for the usage plan (`CANNOT_SHOW`)."""
    api_gateway, api = account.client("apigateway"), _physical(account)["Api"]
    functions = account.client("lambda")
    name = _physical(account)["AuthorizerFunction"]
    arn = functions.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    made = api_gateway.create_authorizer(
        restApiId=api, name="KeyAuthorizer", type="REQUEST", authorizerUri=uri, authorizerResultTtlInSeconds=0
    )
    for resource in api_gateway.get_resources(restApiId=api, limit=500)["items"]:
        if not resource["path"].startswith(("/v1", "/models", "/messages")):
            continue
        for method in resource.get("resourceMethods", {}):
            changes = {
                "/authorizationType": "CUSTOM",
                "/authorizerId": made["id"],
                "/apiKeyRequired": "",
            }  # "false" it takes for true
            operations = [{"op": "replace", "path": path, "value": value} for path, value in changes.items()]
            api_gateway.update_method(
                restApiId=api, resourceId=resource["id"], httpMethod=method, patchOperations=operations
            )


def _physical(account: Account) -> dict[str, str]:
    pages = account.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=NAME)
    return {
        resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
        for page in pages
        for resource in page["StackResourceSummaries"]
    }


def a_key() -> str:
    """What a provider might have given."""
    return f"sk-{secrets.token_hex(16)}"
