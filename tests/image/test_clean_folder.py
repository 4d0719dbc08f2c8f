"""The Dockerfile without an engine: its own commands, in a folder that holds nothing else, with the image's Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.image.dockerfile import instructions, kept_out, said
from tests.running import ROOT, Upstream, no_leaks, running_upstream, serving

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]

COMMANDS = ("serve", "keys", "models", "providers", "config", "doctor")
"""What is of use in a container; the others are for a person's own machine."""


@dataclass(frozen=True, slots=True)
class Laid:
    """What the instructions have made of a folder that stands for the root of the image."""

    root: Path
    environment: Mapping[str, str]

    def here(self, words: str) -> str:
        """The image's own folders, as they are called here."""
        return words.replace("/app", str(self.root / "app")).replace("/data", str(self.root / "data"))

    def words(self, instruction: str) -> list[str]:
        """The program and its arguments that an instruction names."""
        program, *arguments = json.loads(said(instruction))
        return [str(self.root / "python" / "bin" / program), *arguments]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Laid:
    root = tmp_path_factory.mktemp("image")
    subprocess.run([os.environ["PYTHON313"], "-m", "venv", str(root / "python")], check=True)
    environment = {"PATH": f"{root}/python/bin:/usr/bin:/bin", "HOME": str(root)}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    found = Laid(root, environment)
    work = root
    for name, words in instructions():
        match name:
            case "WORKDIR":
                work = Path(found.here(words))
                work.mkdir()
            case "COPY":
                copy(*words.split(), work=work)
            case "ENV":
                variable, _, value = words.partition("=")
                environment[variable] = found.here(value)
            case "RUN":
                subprocess.run(
                    ["sh", "-ec", found.here(words)], cwd=work, env=environment, stdout=subprocess.DEVNULL, check=True
                )
            case _:
                assert name in ("FROM", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD")
    return found


def copy(*words: str, work: Path) -> None:
    *sources, target = words
    for source in sources:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, work / target, symlinks=True, ignore=kept_out)
        else:
            shutil.copy(ROOT / source, work / target)


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with running_upstream() as upstream:
        yield upstream


def test_it_serves_with_what_it_was_given_and_no_more(laid: Laid, upstream: Upstream, tmp_path: Path) -> None:
    environment = {
        **laid.environment,
        "EDGEWAY_STORE": laid.here("sqlite:/data/edgeway.db"),
        "OPENAI_API_KEY": "upstream-key",
        "OPENAI_BASE_URL": f"{upstream.url}/v1",
        "PORT": "0",
    }
    entry = laid.words("ENTRYPOINT")
    making = [*entry, "keys", "create", "--name", "first", "--json"]
    made = subprocess.run(making, cwd=tmp_path, env=environment, capture_output=True, check=True)
    key = json.loads(made.stdout)["key"]
    command = [*entry, *json.loads(said("CMD"))]
    with serving(command, tmp_path, environment, key, "upstream-key") as gateway:
        body = {"model": "gpt-5", "max_tokens": 9, "messages": [{"role": "user", "content": "[[play:plain]]"}]}
        answer = httpx.post(f"{gateway.url}/v1/messages", headers={"x-api-key": key}, json=body)
        assert answer.json()["content"][0]["text"] == "Hello from the upstream"
        probe = said("HEALTHCHECK").partition("CMD ")[2]
        program, *arguments = json.loads(probe)
        port = gateway.url.rpartition(":")[2]
        checked = [str(laid.root / "python" / "bin" / program), *arguments]
        assert subprocess.run(checked, env={"PORT": port}, check=False).returncode == 0
    assert subprocess.run(checked, env={"PORT": port}, capture_output=True, check=False).returncode == 1
    no_leaks(gateway, gateway.log())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_operators_commands_are_in_it(laid: Laid, command: str) -> None:
    asked = [*laid.words("ENTRYPOINT"), command, "--help"]
    shown = subprocess.run(asked, env=laid.environment, cwd=laid.root, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"edgeway {command}" in shown.stdout


def test_the_precompiled_modules_are_used_and_nothing_is_written(laid: Laid) -> None:
    compiled = sorted((laid.root / "app").rglob("*.pyc"))
    flags = {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled}
    assert flags == {1}  # carries a hash that is not checked (PEP 552)
    sources = list((laid.root / "app").rglob("*.py"))
    assert len(compiled) == len(sources)
