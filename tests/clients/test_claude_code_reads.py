"""What the real Claude Code reads and hands on, an image or a PDF, to a model that sees it and to one that does not."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Claude
from tests.running import Upstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(120)]

SIDE = 8
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def png() -> bytes:
    """A small red square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff\0\0" * SIDE) * SIDE
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def told(claude: Claude, upstream: Upstream, file: Path, content: bytes, model: str) -> list[dict[str, Any]]:
    """What the upstream is sent after the file has been read: the last message of the assistant, and all after it."""
    file.parent.mkdir()
    file.write_bytes(content)
    ran = claude(f"Look at it. [[play:read]] [[file:{file}]]", ANTHROPIC_MODEL=model)
    assert (ran.status, ran.result["result"]) == (0, "I have read it.")
    _, second = upstream.requests()
    messages: list[dict[str, Any]] = second["body"]["messages"]
    roles = [message["role"] for message in messages]
    return messages[len(roles) - roles[::-1].index("assistant") :]


@pytest.mark.failure_mode(30)
def test_an_image(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    result, attached = told(claude, upstream, tmp_path / "work" / "red.png", png(), "gpt-5")
    assert (result["role"], result["tool_call_id"]) == ("tool", "call_read")
    [part] = attached["content"]
    head, _, data = part["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.failure_mode(31)
def test_an_image_for_a_model_that_cannot_see(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    [result] = told(claude, upstream, tmp_path / "work" / "red.png", png(), "o3-mini")
    assert result["content"] == "[An image stands here that this model cannot see.]"


@pytest.mark.failure_mode(32)
def test_a_pdf(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    result, attached = told(claude, upstream, tmp_path / "work" / "one.pdf", PDF, "gpt-5")
    assert result["content"].startswith("PDF file read: ")
    [part] = attached["content"]
    assert part["file"]["file_data"] == "data:application/pdf;base64," + base64.b64encode(PDF).decode()


@pytest.mark.failure_mode(32)
def test_a_pdf_for_a_model_that_cannot_read_it(claude: Claude, upstream: Upstream, tmp_path: Path) -> None:
    messages = told(claude, upstream, tmp_path / "work" / "one.pdf", PDF, "o3-mini")
    assert base64.b64encode(PDF).decode() not in json.dumps(messages)
    assert "[A document (application/pdf) stands here that this model cannot read.]" in json.dumps(messages)
