"""What to set in a client: the lines are read back as that client's shell, interpreter or parser would read them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edgeway.clients import CLIENTS, Gateway
from edgeway.local.console.announcement import announced

DOCUMENTATION = Path(__file__).parents[4] / "docs"
STAGE = "https://abc.execute-api.us-east-1.amazonaws.com/Prod"
AWKWARD = Gateway(STAGE, 'it\'s $HOME `a` "key"', "gpt-5", "gpt-5", "m", "n", 272_000)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgeway", "clients", *arguments], capture_output=True, text=True, check=False
    )


def lines(name: str, gateway: Gateway = AWKWARD) -> str:
    return "\n".join(CLIENTS[name].lines(gateway)) + "\n"


def shell(program: str, **more: str) -> str:
    environment = {"PATH": os.environ["PATH"], **more}
    return subprocess.run(["sh", "-c", program], env=environment, capture_output=True, text=True, check=True).stdout


def test_claude_codes_variables_survive_a_shell() -> None:
    names = ["BASE_URL", "AUTH_TOKEN", "MODEL", *(f"DEFAULT_{tier}_MODEL" for tier in ("OPUS", "SONNET", "HAIKU"))]
    show = "".join(f'printf "%s\\n" "$ANTHROPIC_{name}"\n' for name in names) + "echo $CLAUDE_CODE_MAX_CONTEXT_TOKENS\n"
    told = shell("claude() {\n" + show + "}\n" + lines("claude-code"))
    assert told.splitlines() == [AWKWARD.url, AWKWARD.key, "gpt-5", "gpt-5", "m", "n", "272000"]


@pytest.mark.parametrize(
    ("gateway", "last"),
    [
        (AWKWARD, ["export CLAUDE_CODE_AUTO_MODE_SERVER=0", "claude"]),
        (replace(AWKWARD, judges=False), ["claude --permission-mode acceptEdits"]),
        (replace(AWKWARD, context_window=8192), ["export CLAUDE_CODE_MAX_OUTPUT_TOKENS=1024", "claude --bare"]),
    ],
)
def test_claude_code_is_started_so_that_it_can_work(gateway: Gateway, last: list[str]) -> None:
    assert CLIENTS["claude-code"].lines(gateway)[-len(last) :] == last
    assert ("AUTO_MODE" in lines("claude-code", gateway)) == ("AUTO_MODE" in last[0])


@pytest.mark.parametrize(("model", "window"), [("claude-opus-5", 200_000), ("gpt-5", None)])
def test_no_window_is_set_that_would_not_be_obeyed_or_is_not_known(model: str, window: int | None) -> None:
    gateway = Gateway("http://h", "key", model, model, model, model, window)
    assert "CLAUDE_CODE_MAX_CONTEXT_TOKENS" not in lines("claude-code", gateway)


@pytest.mark.parametrize("name", ["opencode", "kilo"])
def test_a_provider_of_ones_own(name: str) -> None:
    file: dict[str, Any] = json.loads(lines(name))
    [provider] = file["provider"].values()
    assert provider["options"] == {"baseURL": f"{AWKWARD.url}/v1", "apiKey": AWKWARD.key}
    all_of_it = {
        "reasoning": True,
        "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
    }
    assert provider["models"] == {
        name: {"name": name, "limit": {"context": window, "output": 32_000}, **all_of_it}
        for name, window in (("gpt-5", 272_000), ("m", 0), ("n", 0))
    }
    assert (file["model"], file["small_model"]) == ("edgeway/gpt-5", "edgeway/n")


def test_clines_settings_name_the_address() -> None:
    file: dict[str, Any] = json.loads(lines("cline"))
    assert file["providers"][file["lastUsedProvider"]]["settings"] == {
        "provider": "anthropic",
        "apiKey": AWKWARD.key,
        "model": "gpt-5",
        "baseUrl": f"{AWKWARD.url}/v1",
        "maxTokens": 32_000,
        "contextWindow": 272_000,
    }


def test_the_python_lines_are_python() -> None:
    strings = [node.value for node in ast.walk(ast.parse(lines("python"))) if isinstance(node, ast.Constant)]
    assert {AWKWARD.url, AWKWARD.key, "gpt-5"} <= {*strings}


def test_curl_asks_for_a_message() -> None:
    told = shell('curl() { for word; do echo "$word"; done; }\n' + lines("curl")).splitlines()
    assert told[0] == f"{AWKWARD.url}/v1/messages"
    assert told[2] == f"x-api-key: {AWKWARD.key}"
    assert json.loads(told[-1])["model"] == "gpt-5"


def test_the_command_lists_the_clients() -> None:
    listed = command().stdout.splitlines()
    assert [line.split()[2] for line in listed] == list(CLIENTS)


def test_it_asks_the_gateway_that_runs(tmp_path: Path) -> None:
    (tmp_path / "development-key").write_text("ew_made_here\n")
    running = Gateway("http://127.0.0.1:4321", "ew_made_here", "gpt-5", "gpt-5", "m", "n", 1000)
    with announced(tmp_path, running):
        for name in CLIENTS:
            printed = command(name, "--data", str(tmp_path))
            assert (printed.stdout, printed.returncode) == (lines(name, running), 0)
        changed = command("curl", "--data", str(tmp_path), "--key", "another-key", "--model", "x").stdout
    assert changed == lines("curl", Gateway.with_one_model(running.url, "another-key", "x"))


def test_it_knows_a_gateway_elsewhere_by_its_options(tmp_path: Path) -> None:
    printed = command("curl", "--url", STAGE + "/", "--model", "gpt-5", "--data", str(tmp_path)).stdout
    assert printed == lines("curl", Gateway.with_one_model(STAGE, "YOUR_KEY", "gpt-5"))


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["curl"], 1, "No gateway runs on this machine. Start one (edgeway local), or give --url and --model.\n"),
        (["emacs"], 2, "emacs is none of claude-code, opencode"),
    ],
)
def test_what_it_cannot_do(arguments: list[str], status: int, said: str, tmp_path: Path) -> None:
    ended = command(*arguments, "--data", str(tmp_path))
    assert ended.returncode == status
    assert said in " ".join(ended.stderr.replace("│", " ").split()) + ("\n" if said.endswith("\n") else "")


@pytest.mark.parametrize("name", CLIENTS)
def test_the_page_shows_what_the_command_prints(name: str) -> None:
    gateway = Gateway("http://127.0.0.1:3000", "YOUR_KEY", "gpt-5", "gpt-5", "gpt-5-mini", "gpt-5-nano", 272_000)
    page = "claude-code.md" if name == "claude-code" else "clients.md"
    shown = (DOCUMENTATION / page).read_text(encoding="utf-8").replace("ew_…\n", "YOUR_KEY\n")
    assert f"\n{lines(name, gateway)}```\n" in shown
