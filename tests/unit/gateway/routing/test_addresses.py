"""Where an operator may send their callers' prompts."""

import pytest
from gateway.routing.addresses import address_mistake, below, endpoints_at, written_address
from gateway.routing.model_rules import Dialect

pytestmark = pytest.mark.failure_mode(50)

IN_QUERY = "must not hold a key in its query; name the variable that holds it in key_variables"
HTTP = "must be an https address; http only with allow_http = true, and only to this machine or a private network"


@pytest.mark.parametrize(
    "address",
    [
        "https://llm.example.com/v1",
        "https://llm.example.com:8443",
        "https://${REGION}.example.com/v1",
        "https://[::1]/v1",
        "https://x.openai.azure.com/openai/deployments/a?api-version=2026-01-01&preview=yes",
    ],
)
def test_https_goes_anywhere(address: str) -> None:
    assert address_mistake(address, allow_http=False) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8000", "localhost", "[::1]:8000", "10.1.2.3", "172.16.0.1", "192.168.1.20", "[fd00::1]",
        "vllm", "gpu-2", "gpu.local", "vllm.svc.internal", "a.localhost",
    ],
)  # fmt: skip
def test_http_only_where_allowed(host: str) -> None:
    assert address_mistake(f"http://{host}/v1", allow_http=True) is None
    assert address_mistake(f"http://{host}/v1", allow_http=False) == HTTP


@pytest.mark.parametrize(
    "host", ["llm.example.com", "8.8.8.8", "169.254.169.254", "0.0.0.0:80", "[fe80::1]", "172.32.0.1", "${HOST}"]
)
def test_http_never_over_a_public_network_or_to_a_clouds_own_address(host: str) -> None:
    assert address_mistake(f"http://{host}/v1", allow_http=True) == HTTP


@pytest.mark.parametrize(
    ("address", "mistake"),
    [
        ("llm.example.com/v1", "must be an https address, as in https://llm.example.com/v1"),
        ("ftp://llm.example.com", "must be an https address, as in https://llm.example.com/v1"),
        ("https://", "must be an https address, as in https://llm.example.com/v1"),
        ("https://llm.example.com/v 1", "must be an https address, as in https://llm.example.com/v1"),
        ("https://llm.example.com:x/v1", "must be an https address, as in https://llm.example.com/v1"),
        ("https://[::1/v1", "must be an https address, as in https://llm.example.com/v1"),
        ("https://sk-secret@llm.example.com", "must not hold a key; name the variable that holds it in key_variables"),
        (
            "https://u:sk-secret@llm.example.com",
            "must not hold a key; name the variable that holds it in key_variables",
        ),
        ("https://llm.example.com/v1?key=sk-secret", IN_QUERY),
        ("https://llm.example.com/v1?api-version=1&subscription-Key=sk-secret", IN_QUERY),
        ("https://llm.example.com/v1?sig=sk-secret", IN_QUERY),
        ("https://llm.example.com/v1?access_token=sk-secret", IN_QUERY),
        ("https://llm.example.com/v1#sk-secret", "must hold no #"),
    ],
)
def test_what_is_no_address_of_an_upstream(address: str, mistake: str) -> None:
    assert address_mistake(address, allow_http=True) == mistake


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://llm.example.com", "https://llm.example.com/v1"),
        ("https://llm.example.com/openai/", "https://llm.example.com/openai"),
        (
            "https://x.openai.azure.com/openai/deployments/a?api-version=2026-01-01",
            "https://x.openai.azure.com/openai/deployments/a?api-version=2026-01-01",
        ),
        ("https://llm.example.com/v1/chat/completions", "https://llm.example.com/v1"),
        ("https://llm.example.com/v1/chat/completions?api-version=1", "https://llm.example.com/v1?api-version=1"),
        ("https://llm.example.com/v1/responses/", "https://llm.example.com/v1"),
        ("https://llm.example.com/v1/messages", "https://llm.example.com/v1"),
        ("https://llm.example.com/chat/completions", "https://llm.example.com/v1"),
        ("https://llm.example.com/?api-version=1", "https://llm.example.com/v1?api-version=1"),
        ("https://llm.example.com/v1/models", "https://llm.example.com/v1"),
        ("https://x.services.ai.azure.com/models", "https://x.services.ai.azure.com/models"),
    ],
)
def test_what_an_operator_pastes_into_a_variable(written: str, address: str) -> None:
    assert written_address(written, "X_BASE_URL", "/v1") == address


@pytest.mark.parametrize(
    ("endpoint", "path", "address"),
    [
        ("https://a/v1", "/messages", "https://a/v1/messages"),
        ("https://a/v1?api-version=1", "/chat/completions", "https://a/v1/chat/completions?api-version=1"),
        ("https://a/v1?api-version=1", "/messages?beta=true", "https://a/v1/messages?api-version=1&beta=true"),
        ("https://a/v1", "/messages?beta=true", "https://a/v1/messages?beta=true"),
    ],
)
def test_a_path_stands_before_the_query_of_its_endpoint(endpoint: str, path: str, address: str) -> None:
    assert below(endpoint, path) == address


def test_the_other_endpoints_keep_the_query() -> None:
    endpoints: dict[Dialect, str] = {"anthropic": "https://api.example.com/anthropic/v1"}
    found = endpoints_at("https://proxy.example.com/v1?key=1", "https://api.example.com/v1", endpoints, {})
    assert found == {"anthropic": "https://proxy.example.com/anthropic/v1?key=1"}
