"""Cold start: a fresh process to the first byte of the first answer, authentication and the provider's key included.

The upstream is scripted; DynamoDB and Parameter Store are moto's, behind TLS with a file of certificates as large as
the machine's own. EDGEWAY_BENCH_BEFORE names a revision to measure in turns with this tree: the figures to
compare are those of one run.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from ssl import get_default_verify_paths
from statistics import median
from typing import Any

import boto3
import pytest
from gateway.access.key_records import KeyRegistry
from gateway.storage.open import open_store
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from edgeway.docs.aws_cost import share_of
from tests.bench.conftest import Report
from tests.bench.deployed import Deltas, Deployed, Start, build, managed_libraries, read_event, revision
from tests.bench.figures import Figure
from tests.managed_runtime import find_python313
from tests.running import ROOT, running_upstream
from tests.unit.gateway.certificates import self_signed
from tests.unit.gateway.stores import AWS_ENVIRONMENT, TABLE, create_table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

ROUNDS = 9
MOMENTS = {
    "ready": "to ready",
    "cold": "first invocation to first words",
    "warm": "second invocation to first words",
}
KEYS_BELOW = "/edgeway/providers/"
TRUSTING = {"EDGEWAY_TRUST_AUTHORIZER": "true"}
STREAMING = {"STREAMING_MODE": "stream"}


@dataclass(frozen=True, slots=True)
class Case:
    """One function that starts cold, and its first event."""

    name: str
    function: str
    event: str
    environment: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


MEASURES: Mapping[str, Callable[[Start], float]] = {
    "processor time to ready": lambda start: start.processor_ready,
    "to ready": lambda start: start.ready,
    "to the first byte": lambda start: start.answered,
}
HELLO = '{"model": "openai/gpt-5", "max_tokens": 50, "stream": true, "messages": [{"role": "user", "content": "hi"}]}'
CASES = [
    Case("authorizer", "authorizer", "authorizer-x-api-key"),
    Case("messages, trusting the authorizer", "messages", "messages-stream", {**TRUSTING, **STREAMING}, HELLO),
    Case("messages, authenticating itself", "messages", "messages-stream", STREAMING, HELLO),
    Case("count_tokens", "count_tokens", "count-tokens", TRUSTING),
    Case("models", "models", "models-list", TRUSTING),
    Case("health", "health", "health", TRUSTING),
]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the functions are told, and the key that they know."""

    environment: Mapping[str, str]
    key: str

    def event(self, case: Case) -> dict[str, Any]:
        event = read_event(case.event, {} if case.body is None else {"body": case.body})
        event["headers"] = {**(event["headers"] or {}), "x-api-key": self.key}
        event["headers"].pop("Authorization", None)
        if TRUSTING.items() <= case.environment.items():
            event["requestContext"]["authorizer"] = {"keyId": "key_1", "keyName": "bench", "role": "user"}
        return event


@pytest.fixture(scope="module")
def python313() -> str:
    found = find_python313()
    if not found:
        pytest.skip("no python3.13, neither on the PATH nor among pyenv's versions")
    return found


@pytest.fixture(scope="module")
def trees(python313: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Deployed]:
    """This tree, and before it the one that EDGEWAY_BENCH_BEFORE names."""
    folder = tmp_path_factory.mktemp("trees")
    (folder / "managed").mkdir()
    managed = managed_libraries(folder / "managed", python313)
    before = os.environ.get("EDGEWAY_BENCH_BEFORE")
    sources = {"before": revision(before, folder / "revision")} if before else {}
    return {name: build(source, folder / name, managed, python313) for name, source in {**sources, "now": ROOT}.items()}


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    folder = tmp_path_factory.mktemp("surroundings")
    certificate = self_signed(folder)
    trusted = folder / "trusted.pem"
    own = get_default_verify_paths().cafile
    trusted.write_bytes(certificate.path.read_bytes() + (Path(own).read_bytes() if own else b""))
    server = make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        ssl_context=certificate.context,
    )
    endpoint = f"https://localhost:{server.server_port}"
    environment = {
        **AWS_ENVIRONMENT,
        "AWS_REGION": AWS_ENVIRONMENT["AWS_DEFAULT_REGION"],
        "AWS_LAMBDA_FUNCTION_NAME": "edgeway",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
        "AWS_ENDPOINT_URL_SSM": endpoint,
        "AWS_CA_BUNDLE": str(trusted),
        "SSL_CERT_FILE": str(trusted),
        "EDGEWAY_STORE": f"dynamodb:{TABLE}",
        "EDGEWAY_PROVIDER_KEYS": KEYS_BELOW,
    }
    with ThreadPoolExecutor(1) as pool, running_upstream() as upstream, pytest.MonkeyPatch.context() as patch:
        pool.submit(server.serve_forever)
        try:
            for name, value in environment.items():
                patch.setenv(name, value)
            create_table()
            boto3.client("ssm").put_parameter(Name=f"{KEYS_BELOW}OPENAI_API_KEY", Value="sk-1", Type="SecureString")
            key = asyncio.run(made_key(environment["EDGEWAY_STORE"]))
            yield Surroundings({**environment, "OPENAI_BASE_URL": f"{upstream.url}/v1"}, key)
        finally:
            server.shutdown()
    server.server_close()


async def made_key(setting: str) -> str:
    store = open_store(setting)
    key, _ = await KeyRegistry(store, clock=time.time).create("bench")
    store.close()
    return key


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cold_start(
    case: Case,
    trees: Mapping[str, Deployed],
    surroundings: Surroundings,
    quick: bool,
    report: Report,
    capsys: pytest.CaptureFixture[str],
) -> None:
    event, environment = surroundings.event(case), {**surroundings.environment, **case.environment}
    taken: dict[str, list[Start]] = {name: [] for name in trees}
    for _ in range(2 if quick else ROUNDS):
        for name, tree in trees.items():
            taken[name].append(tree.start(case.function, event, environment))
    for name, tree in trees.items():
        imported = tree.imports(case.function, event, environment)
        packages = ", ".join(f"{package} {ms}" for package, ms in imported.most_common(8) if ms)
        with capsys.disabled():
            print(f"\n{case.name}, {name}: imports {imported.total()} ms: {packages}", end="")  # noqa: T201
    for what, of in MEASURES.items():
        before = median(map(of, taken["before"])) if "before" in taken else None
        report(Figure(f"cold start of {case.name}: {what}", "ms", median(map(of, taken["now"])), before))


SHARES = (512, 1024, 1769)
"""Megabytes; the last has a whole processor."""


@pytest.mark.parametrize("megabytes", SHARES)
@pytest.mark.parametrize(
    ("kind", "told"), [("a start", {}), ("a snapshot", {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})]
)
def test_the_first_words_at_a_share_of_a_processor(
    megabytes: int,
    kind: str,
    told: Mapping[str, str],
    trees: Mapping[str, Deployed],
    surroundings: Surroundings,
    quick: bool,
    report: Report,
) -> None:
    """What decides the default of MessagesMemory (`make cold-start`; docs/aws-cost.md)."""
    case = CASES[1]
    event, environment = surroundings.event(case), {**surroundings.environment, **case.environment, **told}
    rounds = 2 if quick else ROUNDS
    taken = [trees["now"].deltas(event, environment, share=share_of(megabytes)) for _ in range(rounds)]
    for what in Deltas._fields:
        clock, processor = (median(getattr(each, what) for each in of) for of in zip(*taken, strict=True))
        name = f"messages from {kind}, {megabytes} MB: {MOMENTS[what]}"
        report(Figure(name, "ms", clock))
        report(Figure(f"{name}, the processor's time by its share", "ms", processor / share_of(megabytes)))


FIRST_CALL = """
import asyncio, time
marks = [time.perf_counter()]
{imports}
marks.append(time.perf_counter())
client = {creation}
marks.append(time.perf_counter())
{call}
marks.append(time.perf_counter())
print(*((end - start) * 1000 for start, end in zip(marks, marks[1:])))
"""
CLIENTS = {
    "boto3's client": FIRST_CALL.format(
        imports="import boto3",
        creation='boto3.client("dynamodb")',
        call=f'client.get_item(TableName="{TABLE}", Key={{"pk": {{"S": "a"}}, "sk": {{"S": "b"}}}})',
    ),
    "our own": FIRST_CALL.format(
        imports="""import gateway.aws.signed_client, gateway.storage.dynamodb
from gateway.storage.open import open_store""",
        creation=f'open_store("dynamodb:{TABLE}")',
        call='asyncio.run(client.get("a", "b"))',
    ),
}


def test_a_first_call_of_dynamodb(
    trees: Mapping[str, Deployed], surroundings: Surroundings, quick: bool, report: Report
) -> None:
    taken: dict[str, list[list[float]]] = {name: [] for name in CLIENTS}
    for _ in range(3 if quick else ROUNDS):
        for name, program in CLIENTS.items():
            printed = trees["now"].run(program, surroundings.environment)
            taken[name].append([float(part) for part in printed.split()])
    ours, boto3s = (median(map(sum, taken[name])) for name in ("our own", "boto3's client"))
    report(Figure("a first call of DynamoDB, beside boto3's client", "ms", ours, boto3s))
    assert ours < boto3s / 2
