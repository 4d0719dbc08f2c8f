"""With nothing configured: what is printed works, and what is not there is said."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import anthropic
import pytest
from anthropic import Anthropic

from edgeway.demo.wording import LABEL
from edgeway.local.console.announcement import FILE
from edgeway.local_models import SERVERS
from tests.running import EDGEWAY, ready, started

NOT_LOOKED_FOR = {f"{name.upper()}_BASE_URL": "" for name in SERVERS}
"""Somebody's own servers on this machine are no part of the test."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a person whose gateway runs."""
    folder = tmp_path_factory.mktemp("home")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **NOT_LOOKED_FOR}
    command = [str(EDGEWAY), "local", "--port", "0", "--no-reload", "--data", str(folder / "data")]
    with (folder / "output.txt").open("w") as log, started(command, folder, environment, log) as process:
        ready(process, folder / "output.txt")
        yield folder
    assert not (folder / "data" / FILE).exists()


@pytest.fixture(scope="module")
def exported(folder: Path) -> dict[str, str]:
    """The variables on the screen."""
    return dict(re.findall(r"^  export (\w+)=(\S+)$", (folder / "output.txt").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def client(exported: dict[str, str]) -> Iterator[Anthropic]:
    url, key = exported["ANTHROPIC_BASE_URL"], exported["ANTHROPIC_AUTH_TOKEN"]
    with Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        yield client


def said(client: Anthropic, model: str) -> str:
    message = client.messages.create(model=model, max_tokens=12, messages=[{"role": "user", "content": "Hello"}])
    [block] = message.content
    assert block.type == "text"
    return block.text


def test_the_screen_names_the_demo(folder: Path) -> None:
    assert (
        "a demo answers.\nIt follows a few phrases by rule, and is no language model."
        in (folder / "output.txt").read_text()
    )


@pytest.mark.parametrize("variable", ["MODEL", *(f"DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))])
def test_every_model_on_the_screen_answers(variable: str, client: Anthropic, exported: dict[str, str]) -> None:
    assert said(client, exported[f"ANTHROPIC_{variable}"]).startswith(LABEL[:20])


@pytest.mark.parametrize("model", ["gpt-5", "google-ai-studio/gemini-2.5-pro", "claude-haiku-4-5"])
def test_the_examples_work_before_a_key_is_set(model: str, client: Anthropic) -> None:
    assert said(client, model).startswith(LABEL[:20])


def test_another_model_says_which_key_it_needs(client: Anthropic) -> None:
    with pytest.raises(anthropic.InternalServerError, match="XAI_API_KEY"):
        said(client, "grok-4.6")


def test_the_demo_is_on_the_list_of_models(client: Anthropic) -> None:
    """With the names that it answers for."""
    listed = {model.id: model.display_name for model in client.models.list(limit=1000)}
    assert set(listed.values()) == {"edgeway-demo"}
    assert {"gpt-5", "anthropic/gpt-5", "demo/edgeway-demo", "anthropic/demo/edgeway-demo"} <= set(listed)


def test_the_lines_for_curl_are_a_request_that_is_answered(folder: Path) -> None:
    command = [str(EDGEWAY), "clients", "curl", "--data", str(folder / "data")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answer = subprocess.run(["sh", "-c", lines + "\n"], capture_output=True, text=True, check=True).stdout
    assert LABEL in answer


def test_the_demo_is_free_and_named_on_the_request_line(folder: Path, client: Anthropic) -> None:
    said(client, "gpt-5-nano")
    line = re.compile(
        r"^200  gpt-5-nano → demo/edgeway-demo  \d+ in \d+ out  \$0  first event \d+ ms  .*  max_tokens$", re.MULTILINE
    )
    until = time.monotonic() + 10  # it is printed when the request has ended
    while not line.search((folder / "output.txt").read_text()) and time.monotonic() < until:
        time.sleep(0.02)
    assert line.search((folder / "output.txt").read_text())
