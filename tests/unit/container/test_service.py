from __future__ import annotations

from dataclasses import replace

import pytest

from edgeway.container.serving import Service
from edgeway.local.api_gateway.bodies import Sizes
from edgeway.local.api_gateway.template import read_template
from edgeway.local.web.limits import ConnectionLimits, Limits

SERVICE = Service(
    store="dynamodb:edgeway",
    environment={"OPENAI_API_KEY": "sk", "EDGEWAY_TRUST_AUTHORIZER": "true"},
    processes=2,
    streams=1000,
    waiting=256,
    connections=3000,
    connections_of_one_address=2000,
    largest_body=32,
    bodies_together=256,
    deadline=3600,
    idle_timeout=4000,
    drain=20,
)


def test_the_server_is_told_what_the_load_balancer_and_the_operator_want() -> None:
    settings = SERVICE.settings()
    assert (settings.processes, settings.limits) == (2, Limits(streams=1000, waiting=256))
    assert settings.connections == ConnectionLimits(connections=3000, of_one_address=2000)
    assert (settings.grace, settings.keep_alive) == (20, 4005)
    assert settings.sizes == Sizes(33_554_432, None, 268_435_456, "the limit of this gateway")
    assert settings.reload is False


def test_the_functions_authenticate_by_themselves_whatever_the_environment_says() -> None:
    (messages,) = [function for function in SERVICE.settings().functions() if function.streams]
    environment = SERVICE.settings().environment(messages)
    told = {name: value for name, value in environment.items() if name.startswith(("EDGEWAY_", "OPENAI_API"))}
    assert told == {
        "EDGEWAY_STORE": "dynamodb:edgeway",
        "EDGEWAY_PROVIDER_KEYS_READ": "values",
        "EDGEWAY_RECORD_SECONDS": "0.25",
        "EDGEWAY_PLANS": "free=2/10/1000 standard=10/40/20000",
        "EDGEWAY_TRUST_AUTHORIZER": "false",
        "EDGEWAY_ANSWER_SECONDS": "3600",
        "EDGEWAY_WHOLE_ANSWER_SECONDS": "3600",
        "OPENAI_API_KEY": "sk",
    }


@pytest.mark.parametrize(
    ("deadline", "idle_timeout", "whole"),
    [(3600, 4000, "3600"), (3600, 60, "45.0"), (870, 4000, "870"), (60, 5, "1.0")],
)
def test_a_whole_answer_ends_before_the_load_balancer_gives_up(deadline: float, idle_timeout: int, whole: str) -> None:
    settings = replace(SERVICE, deadline=deadline, idle_timeout=idle_timeout).settings()
    assert settings.forced["EDGEWAY_WHOLE_ANSWER_SECONDS"] == whole


def test_only_functions_that_stream_have_longer_than_the_template_says() -> None:
    settings = SERVICE.settings()
    lambdas = {function.name: function.timeout_seconds for function in read_template(settings.template)}
    ours = {function.name: function.timeout_seconds for function in settings.functions()}
    assert ours == {**lambdas, "MessagesFunction": 3630}
