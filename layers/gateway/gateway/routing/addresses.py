"""Checks the addresses of upstreams that an operator writes into edgeway.toml."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from gateway.routing.model_rules import Dialect
from gateway.routing.provider_table import Authentication

VARIABLE = re.compile(r"\$\{(\w+)\}")
"""Stands in a built-in address for what the environment says."""
_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")
"""In the name of a host of AWS's."""
_PRIVATE_NAME = re.compile(r"localhost|[a-z0-9-]+|.+\.(?:localhost|local|internal)")
"""Names that no public server has: of this machine, of a container beside it, of a private network."""
_SECRET_FIELD = re.compile(r"(?:\A|[&;])[^=&;]*(?:key|token|secret|sig|pass|auth|cred|code)[^=&;]*=", re.IGNORECASE)


class NativeEndpoint(NamedTuple):
    """Where a provider speaks the Messages API beside its chat completions, and how it is told the key there."""

    base_url: str
    authentication: Authentication


NATIVE_ENDPOINTS: Mapping[str, NativeEndpoint] = {
    # without pictures: https://api-docs.deepseek.com/guides/anthropic_api
    "deepseek": NativeEndpoint("https://api.deepseek.com/anthropic/v1", "x-api-key"),
    "moonshotai": NativeEndpoint("https://api.moonshot.ai/anthropic/v1", "bearer"),
    "moonshotai-cn": NativeEndpoint("https://api.moonshot.cn/anthropic/v1", "bearer"),
    # https://docs.z.ai/scenario-example/develop-tools/claude
    "zai": NativeEndpoint("https://api.z.ai/api/anthropic/v1", "bearer"),
    # https://www.alibabacloud.com/help/en/model-studio/claude-code
    "alibaba": NativeEndpoint("https://dashscope-intl.aliyuncs.com/apps/anthropic/v1", "bearer"),
    # Chat completions hold thoughts among the text: https://platform.minimax.io/docs/api-reference/text-anthropic-api
    "minimax": NativeEndpoint("https://api.minimax.io/anthropic/v1", "x-api-key"),
    "minimax-cn": NativeEndpoint("https://api.minimaxi.com/anthropic/v1", "x-api-key"),
    "minimax-coding-plan": NativeEndpoint("https://api.minimax.io/anthropic/v1", "x-api-key"),
    "minimax-cn-coding-plan": NativeEndpoint("https://api.minimaxi.com/anthropic/v1", "x-api-key"),
    # https://platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry
    "azure": NativeEndpoint("https://${AZURE_RESOURCE_NAME}.services.ai.azure.com/anthropic/v1", "api-key"),
    "azure-cognitive-services": NativeEndpoint(
        "https://${AZURE_COGNITIVE_SERVICES_RESOURCE_NAME}.services.ai.azure.com/anthropic/v1", "api-key"
    ),
}
"""By provider. Which dialect it is asked in is another fact: most lose as little in the other."""


def native_facts(provider: str) -> dict[str, Any]:
    """Where the provider speaks the Messages API, as facts of the table."""
    spoken = NATIVE_ENDPOINTS.get(provider)
    if spoken is None:
        return {}
    return {"endpoints": {"anthropic": spoken.base_url}, "native": spoken.authentication}


def address_mistake(address: str, *, allow_http: bool) -> str | None:
    """What is wrong with a base URL, as the end of a sentence that does not repeat it; None if nothing is."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port  # raises where it is no number
    except ValueError:
        return "must be an https address, as in https://llm.example.com/v1"
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", address):
        return "must be an https address, as in https://llm.example.com/v1"
    if parts.username is not None or parts.password is not None:
        return "must not hold a key; name the variable that holds it in key_variables"
    if _SECRET_FIELD.search(parts.query):
        return "must not hold a key in its query; name the variable that holds it in key_variables"
    if parts.fragment:
        return "must hold no #"
    if parts.scheme == "http" and not (allow_http and is_private(host)):
        return (
            "must be an https address; http only with allow_http = true, and only to this machine or a private network"
        )
    return None


def is_private(host: str) -> bool:
    """Whether a host (in lower case) is on this machine or in a private network, as far as its name shows it."""
    try:
        address = ip_address(host)
    except ValueError:
        return _PRIVATE_NAME.fullmatch(host) is not None
    # Link-local is where clouds answer with the credentials of the machine.
    return address.is_loopback or (address.is_private and not address.is_link_local and not address.is_unspecified)


def parts_of(address: str, mistake: str) -> SplitResult:
    """The parts of an address that can be asked, or a ValueError with these words, which do not repeat it."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises where it is none
    except ValueError:
        raise ValueError(mistake) from None  # its own words would repeat the address, password and all
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", address):
        raise ValueError(mistake)
    return parts


def owner_of(address: str) -> str:
    """The end of the host's name, which a provider's addresses have in common, as `openai.com`."""
    return ".".join((urlsplit(address).hostname or "").split(".")[-2:])


def region_of(address: str) -> str:
    """The AWS Region in the host's name; empty if there is none."""
    found = _REGION.search(urlsplit(address).hostname or "")
    return found[1] if found else ""


def filled(template: str, environ: Mapping[str, str]) -> str:
    """The text with its variables' values; empty for those that are not set."""
    return VARIABLE.sub(lambda needed: environ.get(needed[1], ""), template)


def written_address(override: str, variable: str, usual_path: str) -> str:
    """What the operator wrote into the variable, with the usual path where they wrote none. Raises ValueError.

    A query is kept (Azure's `api-version`). An address that was pasted whole loses what each dialect puts behind it.
    """
    parts = parts_of(override, f"{variable} is not an http or https address")
    path = _OPERATION.sub("", parts.path.rstrip("/"))
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{path or usual_path}{query}"


_OPERATION = re.compile(r"/(?:chat/completions|completions|responses|messages|embeddings|(?<=/v\d/)models)\Z")
"""`/models` stands behind a version; without one it may be where the models are (Azure)."""


def below(endpoint: str, path: str) -> str:
    """The address of a path below an endpoint; the queries of both come behind it."""
    address, _, own = endpoint.partition("?")
    path, _, more = path.partition("?")
    query = "&".join(filter(None, (own, more)))
    return f"{address}{path}?{query}" if query else address + path


def endpoints_at(
    base_url: str, built_in: str, endpoints: Mapping[Dialect, str], environ: Mapping[str, str]
) -> dict[Dialect, str]:
    """The endpoints of the other dialects where this is the first one's: on another server under the same paths."""
    if base_url == filled(built_in, environ):
        return {dialect: filled(endpoint, environ) for dialect, endpoint in endpoints.items()}
    usual_path = urlsplit(built_in).path
    address, mark, query = base_url.partition("?")
    if not urlsplit(address).path.endswith(usual_path):
        return {}
    root = address.removesuffix(usual_path)
    return {dialect: f"{root}{urlsplit(endpoint).path}{mark}{query}" for dialect, endpoint in endpoints.items()}
