"""The gateway in containers: `sam local start-api`, with DynamoDB and the upstream on this machine."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import uvicorn
from moto.server import ThreadedMotoServer

from tests.running import EDGEWAY, ROOT, Gateway, Upstream, answers, stop
from tests.sam_local.engine import docker, host_addresses
from tests.upstreams import scripted

SAM: Final = ROOT / ".venv-sam" / "bin" / "sam"
BUILT: Final = ROOT / ".aws-sam" / "sam-local"
TABLE: Final = "edgeway"
AWS_ENVIRONMENT: Final = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-central-1"}
SAM_ENVIRONMENT: Final = {**AWS_ENVIRONMENT, "SAM_CLI_TELEMETRY": "0"}
START_LIMIT: Final = 120.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the functions reach from their containers, and the file that tells them."""

    variables: Mapping[str, str]
    """Environment of the functions, in the words of template.yaml; SAM passes on no other."""
    environment_file: Path
    table_environment: Mapping[str, str]
    """With which a process of this machine finds the same table."""

    def make_key(self, name: str, key: str) -> None:
        """Register a key with the operator's own command line."""
        command = [str(EDGEWAY), "keys", "create", "--name", name, "--key", key, "--store", f"dynamodb:{TABLE}"]
        subprocess.run(command, env={**os.environ, **self.table_environment}, check=True, capture_output=True)


@contextmanager
def surroundings(folder: Path, **provider: str) -> Iterator[Surroundings]:
    """A table, and an environment file with the provider's variables."""
    address, interface = host_addresses()
    server = ThreadedMotoServer(ip_address=interface, port=0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        here = {**AWS_ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB": f"http://{interface}:{port}"}
        create_table(here["AWS_ENDPOINT_URL_DYNAMODB"])
        variables = {
            "EDGEWAY_STORE": f"dynamodb:{TABLE}",
            "EDGEWAY_PROVIDER_KEYS": "",  # there is no Parameter Store here
            "EDGEWAY_METRICS": "",  # nor anybody who would make metrics of a line
            "AWS_ENDPOINT_URL_DYNAMODB": f"http://{address}:{port}",
            **provider,
        }
        file = folder / "environment.json"
        file.write_text(json.dumps({"Parameters": variables}, indent=2))
        file.chmod(0o600)
        yield Surroundings(variables, file, here)
    finally:
        server.stop()


def create_table(endpoint: str) -> None:
    """The table of template.yaml."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=AWS_ENVIRONMENT["AWS_DEFAULT_REGION"],
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    client.close()


@contextmanager
def listening(app: Callable[..., Any], **options: Any) -> Iterator[int]:
    """An ASGI application in a thread of this process, where containers reach it; gives its port."""
    _, interface = host_addresses()
    with socket.create_server((interface, 0)) as listener:
        config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1, **options)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def running_sam_gateway(folder: Path) -> Iterator[tuple[Upstream, Gateway, Surroundings]]:
    """`sam local start-api` with the scripted upstream in OpenAI's place."""
    key, upstream_key = (f"{kind}-{secrets.token_hex(16)}" for kind in ("caller", "upstream"))
    address, interface = host_addresses()
    with ExitStack() as stack:
        port = stack.enter_context(listening(scripted.Upstream(), http=scripted.Protocol))
        base_url = f"http://{address}:{port}/v1"
        found = stack.enter_context(surroundings(folder, OPENAI_API_KEY=upstream_key, OPENAI_BASE_URL=base_url))
        found.make_key("tests", key)
        output = folder / "sam.txt"
        url, pid = stack.enter_context(start_api(found, output))
        upstream = Upstream(f"http://{interface}:{port}", os.getpid())
        yield upstream, Gateway(url, pid, key, upstream_key, output), found


@contextmanager
def start_api(found: Surroundings, output: Path, port: int = 0) -> Iterator[tuple[str, int]]:
    """`sam local start-api` on a port, or on any free one; gives its address and process. No container is left."""
    chosen = port or free_port()
    command = [str(SAM), "local", "start-api", *same_options(found), "--warm-containers", "LAZY", "--port", str(chosen)]
    with output.open("w") as log, tempfile.TemporaryDirectory() as elsewhere:
        # Its own session: Ctrl-C is for us, who then ask it to end, so that it takes its containers along.
        process = subprocess.Popen(
            command,
            cwd=elsewhere,
            env={**os.environ, **SAM_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        before = containers()
        try:
            url = f"http://127.0.0.1:{chosen}"
            wait_until_it_answers(process, url, output)
            yield url, process.pid
        finally:
            stop(process)
            process.wait()
            if left := containers() - before:
                docker("rm", "--force", *left)


def wait_until_it_answers(process: subprocess.Popen[bytes], url: str, output: Path) -> None:
    """Until GET / has gone through a container."""
    until = time.monotonic() + START_LIMIT
    while not answers(url):
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"sam local has not started:\n{output.read_text()[-4000:]}")
        time.sleep(0.2)


def invoke(function: str, event: Path, found: Surroundings) -> subprocess.CompletedProcess[str]:
    """`sam local invoke`."""
    command = [str(SAM), "local", "invoke", function, "--event", str(event), *same_options(found)]
    with tempfile.TemporaryDirectory() as elsewhere:
        environment = {**os.environ, **SAM_ENVIRONMENT}
        return subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)


def same_options(found: Surroundings) -> list[str]:
    """What both commands are told. The image is ready; to ask a registry for it would fail where there is none."""
    template = str(BUILT / "template.yaml")
    image = ["--skip-pull-image", "--parameter-overrides", "Architecture=x86_64"]
    return ["--template", template, *image, "--env-vars", str(found.environment_file)]


def containers() -> set[str]:
    """The containers in which SAM runs functions."""
    return set(docker("ps", "--all", "--quiet", "--filter", "label=sam.cli.container.type=lambda").split())


def free_port() -> int:
    """A port that is free now; SAM takes no 0."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
