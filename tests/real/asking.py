"""Both official SDKs behind one face: a request in, a message out, whole or streamed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from anthropic import Anthropic

from tests.running import ROOT, Gateway

Sdk = Literal["python", "typescript"]
Message = dict[str, Any]

TYPESCRIPT = ROOT / ".cache" / "real"
SCRIPT = Path(__file__).with_name("ask.cjs")
MODEL = "llamacpp/smollm2"


def ask(gateway: Gateway, sdk: Sdk, request: Mapping[str, Any], *, streamed: bool) -> Message:
    """The message that a request comes to."""
    # No randomness, so that a run that has passed passes again; the newer SDKs know no such field.
    complete = {"model": MODEL, "max_tokens": 100, "temperature": 0, **request}
    return {"python": _python, "typescript": _typescript}[sdk](gateway, complete, streamed=streamed)


def _python(gateway: Gateway, request: dict[str, Any], *, streamed: bool) -> Message:
    extra = {"temperature": request.pop("temperature")}
    with Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        if streamed:
            with client.messages.stream(**request, extra_body=extra) as stream:
                message = stream.get_final_message()
        else:
            message = client.messages.create(**request, extra_body=extra)
    return message.model_dump(mode="json")


def _typescript(gateway: Gateway, request: dict[str, Any], *, streamed: bool) -> Message:
    asked = {"baseURL": gateway.url, "apiKey": gateway.key, "streamed": streamed, "request": request}
    node = shutil.which("node")
    assert node is not None, "npm comes with node"
    ended = subprocess.run(
        [node, SCRIPT], cwd=TYPESCRIPT, env={}, input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    message: Message = json.loads(ended.stdout)
    return message
