from __future__ import annotations

from pathlib import Path

from edgeway.clients import Gateway
from edgeway.local.console.announcement import announced, running_gateway

GATEWAY = Gateway("http://127.0.0.1:3000", "the-key", "gpt-5", "gpt-5", "gpt-5-mini", "gpt-5-nano", 272_000)


def test_a_gateway_is_known_while_it_runs_and_its_key_is_not_written(tmp_path: Path) -> None:
    assert running_gateway(tmp_path, "the-key") is None
    with announced(tmp_path, GATEWAY):
        assert running_gateway(tmp_path, "the-key") == GATEWAY
        [file] = tmp_path.iterdir()
        assert "the-key" not in file.read_text()
    assert running_gateway(tmp_path, "the-key") is None


def test_nothing_is_written_where_no_model_is_known(tmp_path: Path) -> None:
    with announced(tmp_path, None):
        assert list(tmp_path.iterdir()) == []
