"""What becomes of an answer whose key is revoked while it runs: with `--end-revoked` it ends, without it goes on."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.container.test_serve import begun, lawful
from tests.running import EDGEWAY, Gateway, Upstream, running_server

LONG = "pace-1200x100"
"""Two minutes: far longer than it takes to notice."""


def keys(gateway: Gateway, *words: str) -> dict[str, Any]:
    """What `edgeway keys` says, about the store of a gateway."""
    environment = {"EDGEWAY_STORE": f"sqlite:{gateway.output.parent}/data/edgeway.db"}
    ran = subprocess.run([EDGEWAY, "keys", *words], env=environment, capture_output=True, check=True)
    said: dict[str, Any] = json.loads(ran.stdout) if ran.stdout.startswith(b"{") else {}
    return said


def another(gateway: Gateway) -> Gateway:
    """The same gateway for somebody with a new key."""
    return replace(gateway, key=keys(gateway, "create", "--name", "another", "--json")["key"])


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_revoked_key_loses_its_running_answer_and_nobody_else_does(scripted: Upstream, processes: str) -> None:
    with running_server(scripted, "--end-revoked", "1", "--processes", processes) as gateway:
        with begun(gateway, LONG) as (_, others), begun(another(gateway), LONG) as (first, rest):
            keys(gateway, "revoke", "another")
            events = lawful(first + rest.read())
            assert others.readline()
            assert others.readline()
        assert (events[-1]["type"], events[-1]["error"]["type"]) == ("error", "authentication_error")
        assert (
            events[-1]["error"]["message"]
            == "invalid x-api-key: the key has been revoked; ask the operator for a new one"
        )


def test_without_the_option_an_answer_goes_on_to_its_end(scripted: Upstream) -> None:
    with running_server(scripted) as gateway, begun(another(gateway), "pace-30x100") as (first, rest):
        keys(gateway, "revoke", "another")
        assert lawful(first + rest.read())[-1]["type"] == "message_stop"
