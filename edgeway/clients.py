"""Writes the settings of each client: for the first screen, the command and docs/clients.md."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Self

MAX_TOKENS: Final = 32_000
"""What clients that must be told may ask for in one answer."""
UNKNOWN_WINDOW: Final = 0
"""As OpenCode writes it."""
LARGE_WINDOW: Final = 64_000
"""Tokens of input from which on Claude Code's full prompt, 12,000 to 20,000, leaves room for work."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What a client needs to know."""

    url: str
    """Without /v1."""
    key: str
    model: str
    opus: str
    sonnet: str
    haiku: str
    context_window: int | None = None
    """Tokens of input that the model takes; None where nobody says."""
    judges: bool = True
    """Whether the models can be asked if a command is safe."""

    @classmethod
    def with_one_model(cls, url: str, key: str, model: str) -> Self:
        """A gateway of which no more is known than a model that it serves."""
        return cls(url, key, model, opus=model, sonnet=model, haiku=model)


@dataclass(frozen=True, slots=True)
class Client:
    """One client: what it is called, where its lines go, and the lines."""

    title: str
    where: str
    lines: Callable[[Gateway], list[str]]


def claude_code(gateway: Gateway) -> list[str]:
    """The variables of Claude Code, and how it is started.

    It takes the window of an unknown model for a million tokens. Its auto mode, the default, has commands checked by
    the official API, and refuses them elsewhere; told otherwise, it asks the model that stands for sonnet.
    """
    variables = {
        "ANTHROPIC_BASE_URL": gateway.url,
        "ANTHROPIC_AUTH_TOKEN": gateway.key,
        "ANTHROPIC_MODEL": gateway.model,
        "ANTHROPIC_DEFAULT_OPUS_MODEL": gateway.opus,
        "ANTHROPIC_DEFAULT_SONNET_MODEL": gateway.sonnet,
        "ANTHROPIC_DEFAULT_HAIKU_MODEL": gateway.haiku,
    }
    start = "claude"
    if gateway.context_window is not None and not gateway.model.startswith("claude-"):
        variables["CLAUDE_CODE_MAX_CONTEXT_TOKENS"] = str(gateway.context_window)
    if gateway.context_window is not None and gateway.context_window < LARGE_WINDOW:
        variables["CLAUDE_CODE_MAX_OUTPUT_TOKENS"] = str(gateway.context_window // 8)
        start = "claude --bare"
    elif gateway.judges:
        variables["CLAUDE_CODE_AUTO_MODE_SERVER"] = "0"
    else:
        start = "claude --permission-mode acceptEdits"
    return [*(f"export {name}={shlex.quote(value)}" for name, value in variables.items()), start]


def opencode(gateway: Gateway) -> list[str]:
    """A provider of one's own in OpenCode's file."""
    return _json(_opencode_file(gateway, "https://opencode.ai/config.json"))


def kilo(gateway: Gateway) -> list[str]:
    """The same in Kilo's, which is made of OpenCode."""
    return _json(_opencode_file(gateway, "https://app.kilo.ai/config.json"))


def cline(gateway: Gateway) -> list[str]:
    """What `cline auth` would write, which takes no address for Anthropic's models.

    Of a model that it does not know it would ask for 4096 tokens at most.
    """
    window = {"contextWindow": gateway.context_window} if gateway.context_window else {}
    settings = {"provider": "anthropic", "apiKey": gateway.key, "model": gateway.model, "baseUrl": f"{gateway.url}/v1"}
    provider = {
        "settings": {**settings, "maxTokens": MAX_TOKENS, **window},
        "updatedAt": "2026-01-01T00:00:00Z",
        "tokenSource": "manual",
    }
    return _json({"version": 1, "lastUsedProvider": "anthropic", "providers": {"anthropic": provider}})


def python(gateway: Gateway) -> list[str]:
    """The official SDK for Python."""
    return [
        "from anthropic import Anthropic",
        "",
        f"client = Anthropic(base_url={_literal(gateway.url)}, api_key={_literal(gateway.key)})",
        "message = client.messages.create(",
        f"    model={_literal(gateway.model)},",
        "    max_tokens=1000,",
        '    messages=[{"role": "user", "content": "Hello"}],',
        ")",
        "print(message.content)",
    ]


def typescript(gateway: Gateway) -> list[str]:
    """The official SDK for TypeScript."""
    return [
        'import Anthropic from "@anthropic-ai/sdk";',
        "",
        f"const client = new Anthropic({{ baseURL: {_literal(gateway.url)}, apiKey: {_literal(gateway.key)} }});",
        "const message = await client.messages.create({",
        f"  model: {_literal(gateway.model)},",
        "  max_tokens: 1000,",
        '  messages: [{ role: "user", content: "Hello" }],',
        "});",
        "console.log(message.content);",
    ]


def curl(gateway: Gateway) -> list[str]:
    """A request by hand."""
    message = json.dumps(
        {"model": gateway.model, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    )
    return [
        f"curl {shlex.quote(gateway.url + '/v1/messages')} \\",
        f"  -H {shlex.quote('x-api-key: ' + gateway.key)} \\",
        '  -H "content-type: application/json" \\',
        f"  -d {shlex.quote(message)}",
    ]


CLIENTS: Final[Mapping[str, Client]] = {
    "claude-code": Client("Claude Code", "in a shell", claude_code),
    "opencode": Client("OpenCode", "in opencode.json of a project, or ~/.config/opencode/opencode.json", opencode),
    "kilo": Client("Kilo Code", "in kilo.json of a project, or ~/.config/kilo/kilo.json", kilo),
    "cline": Client("Cline", "in ~/.cline/data/settings/providers.json", cline),
    "python": Client("Python SDK", "after `pip install anthropic`", python),
    "typescript": Client("TypeScript SDK", "after `npm install @anthropic-ai/sdk`", typescript),
    "curl": Client("curl", "in a shell", curl),
}


def _opencode_file(gateway: Gateway, schema: str) -> dict[str, object]:
    """Whatever a model cannot do is told to it, or named in the answer, by the gateway: so all of it is offered here.

    Without it, OpenCode puts an error in the place of an image, and asks for a budget of -1 tokens to think.
    """
    names = dict.fromkeys((gateway.model, gateway.opus, gateway.sonnet, gateway.haiku))
    windows = {gateway.model: gateway.context_window or UNKNOWN_WINDOW}
    models = {
        name: {
            "name": name,
            "limit": {"context": windows.get(name, UNKNOWN_WINDOW), "output": MAX_TOKENS},
            "reasoning": True,
            "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
        }
        for name in names
    }
    return {
        "$schema": schema,
        "provider": {
            "edgeway": {
                "npm": "@ai-sdk/anthropic",
                "name": "Edgeway",
                "options": {"baseURL": f"{gateway.url}/v1", "apiKey": gateway.key},
                "models": models,
            }
        },
        "model": f"edgeway/{gateway.model}",
        "small_model": f"edgeway/{gateway.haiku}",
    }


def _json(value: object) -> list[str]:
    """As json writes it, but a list of words on one line."""
    written = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(r"\[\n([^][{}]*)\n *\]", lambda words: f"[{' '.join(words[1].split())}]", written).splitlines()


def _literal(text: str) -> str:
    """A string in Python and in TypeScript alike."""
    return json.dumps(text, ensure_ascii=False)
