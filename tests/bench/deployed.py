"""The functions as Lambda starts them: as their makefiles build them, in fresh processes, under a Runtime API."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from tests.bench.processor_share import held_to, used
from tests.integration.runtime.scripted_api import NEXT, Connection, ScriptedApi
from tests.managed_runtime import LIBRARIES
from tests.running import ROOT

LAYERS = {
    "runtime": "RuntimeLayer",
    "translator": "TranslatorLayer",
    "gateway": "GatewayLayer",
    "vendor": "VendorArmLayer" if platform.machine() in ("aarch64", "arm64") else "VendorIntelLayer",
}
PLAIN = str(Path(__file__).with_name("plain_runtime.py"))
IMPORTED = re.compile(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)$", re.MULTILINE)
ONE_INVOCATION = {"Lambda-Runtime-Aws-Request-Id": "r-1", "Lambda-Runtime-Deadline-Ms": "4102444800000"}
OK = re.compile(rb'"statusCode": ?200|"Effect": ?"Allow"')


class Start(NamedTuple):
    """One cold start, in milliseconds: of the clock from the start of the process, and of the processor."""

    ready: float
    """To the request for the first invocation: imports, and what the function is made of."""
    answered: float
    """To the first byte of the first answer."""
    processor_ready: float
    """What the process had used when it was ready."""
    processor: float
    """What it had used at the first byte."""


class Deltas(NamedTuple):
    """Of one environment, in milliseconds: of the clock, or of the processor."""

    ready: float
    """From the start of the process to the request for the first invocation, or for the restoring of a snapshot."""
    cold: float
    """From the first invocation to the first words of its answer."""
    warm: float
    """The same of the second."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A source tree as `sam build` makes it."""

    folder: Path
    managed: Path
    python: str

    def start(self, function: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Start:
        """Start the function, let it answer one event, and see that it answers well."""
        with ScriptedApi() as api, self._process(function, api.address, environment) as (started, process):
            connection = api.accept()
            connection.invoke(event)
            ready, used_ready = time.perf_counter(), processor_ms(process.pid)
            answer = api.accept() if "STREAMING_MODE" in environment else connection
            first = answer.read(1)
            answered = time.perf_counter()
            used = processor_ms(process.pid)
            _see_that_it_is_well(first, answer)
        return Start((ready - started) * 1000, (answered - started) * 1000, used_ready, used)

    def deltas(
        self, event: Mapping[str, Any], environment: Mapping[str, str], *, share: float
    ) -> tuple[Deltas, Deltas]:
        """How long the messages function takes to its first words, with this share of a processor: clock, processor.

        With a snapshot (AWS_LAMBDA_INITIALIZATION_TYPE) `cold` begins where Lambda has restored it.
        """
        with (
            ScriptedApi() as api,
            self._process("messages", api.address, environment) as (started, process),
            held_to(share, process.pid),
        ):
            connection = api.accept()
            if "AWS_LAMBDA_INITIALIZATION_TYPE" in environment:
                connection.expect_head("GET /2018-06-01/runtime/restore/next", {})
                ready = _now(process.pid)
                connection.answer(200)
                connection = api.accept()
                connection.expect_head(f"GET {NEXT}", {})
            else:
                connection.expect_head(f"GET {NEXT}", {})
                ready = _now(process.pid)
            cold = _to_first_words(api, connection, event, ready, process.pid)
            connection.expect_head(f"GET {NEXT}", {})
            warm = _to_first_words(api, connection, event, _now(process.pid), process.pid)
        clock, processor = zip(ready, cold, warm, strict=True)
        return Deltas(clock[0] - started * 1000, *clock[1:]), Deltas(*processor)

    def imports(self, function: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Counter[str]:
        """Milliseconds of imports by top-level package, from the start to the first answer (python -X importtime)."""
        told = {**environment, "PYTHONPROFILEIMPORTTIME": "1"}
        with ScriptedApi() as api, self._process(function, api.address, told) as (_, process):
            connection = api.accept()
            connection.invoke(event)
            answer = api.accept() if "STREAMING_MODE" in environment else connection
            _see_that_it_is_well(answer.read(1), answer)
            process.kill()
            assert process.stderr is not None
            written = process.stderr.read().decode()
        found: Counter[str] = Counter()
        for microseconds, module in IMPORTED.findall(written):
            found[module.partition(".")[0]] += int(microseconds)
        return Counter({package: round(total / 1000) for package, total in found.items()})

    def run(self, program: str, environment: Mapping[str, str]) -> str:
        """What a program prints that finds the layers and AWS's own libraries."""
        roots = [*(self.folder / name / "python" for name in LAYERS), self.managed]
        told = {"PYTHONPATH": os.pathsep.join(map(str, roots)), "PYTHONDONTWRITEBYTECODE": "1", **environment}
        ran = subprocess.run([self.python, "-c", program], env=told, check=True, capture_output=True, text=True)
        return ran.stdout

    @contextmanager
    def _process(
        self, function: str, address: str, environment: Mapping[str, str]
    ) -> Iterator[tuple[float, subprocess.Popen[bytes]]]:
        layers = [str(self.folder / name / "python") for name in LAYERS]
        root, managed = str(self.folder / "functions" / function), str(self.managed)
        is_streaming = "STREAMING_MODE" in environment
        told = {
            "PATH": os.environ["PATH"],
            "LAMBDA_TASK_ROOT": root,
            "LAMBDA_RUNTIME_DIR": managed,
            "PYTHONPATH": os.pathsep.join(layers if is_streaming else [root, *layers, managed]),
            "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's task root is read-only
            "AWS_LAMBDA_RUNTIME_API": address,
            "_HANDLER": "app.handler",
            **environment,
        }
        wrapper = str(self.folder / "runtime" / "streaming-bootstrap")
        command = [wrapper, self.python, "/var/runtime/bootstrap.py"] if is_streaming else [self.python, "-P", PLAIN]
        started = time.perf_counter()
        with subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            try:
                yield started, process
            finally:
                process.kill()


def processor_ms(pid: int) -> float:
    """Milliseconds of the processor that a process has used."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system) * 1000


def _now(pid: int) -> tuple[float, float]:
    """Milliseconds of the clock, and those of a processor that a process has used."""
    return time.perf_counter() * 1000, used(pid) * 1000


def _to_first_words(
    api: ScriptedApi, connection: Connection, event: Mapping[str, Any], began: tuple[float, float], pid: int
) -> tuple[float, float]:
    """Milliseconds to the first delta of the answer to an invocation that is asked for; it is read to its end."""
    connection.answer(200, json.dumps(event).encode(), ONE_INVOCATION)
    answer = api.accept()
    answer.read_until(b"event: content_block_delta")
    clock, processor = _now(pid)
    answer.read_until(b"\r\n0\r\n\r\n")
    answer.answer(202)
    return clock - began[0], processor - began[1]


def _see_that_it_is_well(first: bytes, answer: Connection) -> None:
    head = first
    while not OK.search(head):
        more = answer.read(1)
        assert more, head
        assert len(head) < 4_000, head
        head += more


def build(source: Path, folder: Path, managed: Path, python: str) -> Deployed:
    """What `sam build` makes of a source tree: it follows links and calls the layers' makefiles."""
    followed = folder / "source"
    for part in ("functions", "layers"):
        shutil.copytree(source / part, followed / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(followed / "functions", folder / "functions")
    found = {**os.environ, "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"}
    for name, logical_id in LAYERS.items():
        (folder / name).mkdir()
        subprocess.run(
            ["make", "--silent", f"build-{logical_id}", f"ARTIFACTS_DIR={folder / name}"],
            cwd=followed / "layers" / name,
            env=found,
            check=True,
            capture_output=True,
        )
    return Deployed(folder, managed, python)


def managed_libraries(folder: Path, python: str) -> Path:
    """AWS's own libraries, compiled as the managed runtime has them."""
    for library in LIBRARIES:
        source = Path(sysconfig.get_path("purelib")) / library
        if source.is_dir():
            shutil.copytree(source, folder / library, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / library)
    subprocess.run([python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)], check=True)
    return folder


def revision(name: str, folder: Path) -> Path:
    """The source tree of a revision."""
    archived = subprocess.run(["git", "archive", name], cwd=ROOT, check=True, capture_output=True)
    folder.mkdir()
    subprocess.run(["tar", "-x"], cwd=folder, input=archived.stdout, check=True)
    return folder


def read_event(name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """An event of events/, changed."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return {**event, **changes}
