from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest

from edgeway.container.log_lines import LogLines
from edgeway.container.serving import UnusableError, serve
from edgeway.local.processes.settings import Settings
from edgeway.local.web.addresses import bind
from tests.integration.local.conftest import TEMPLATE

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


async def test_a_function_that_cannot_start_ends_the_server(capfd: pytest.CaptureFixture[str]) -> None:
    """As a whole: what answers some requests only would stay in the load balancer's rotation."""
    log = LogLines(io.StringIO(), lambda: datetime.now(UTC))
    settings = Settings(template=TEMPLATE, reload=False, grace=0.1)
    with bind("127.0.0.1", 0) as listener, pytest.raises(UnusableError) as error:
        await serve(settings, listener, log)
    assert str(error.value) == "UnusableFunction cannot start; the reason is in the log"
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert not any(line["message"].startswith("ready") for line in lines)
    assert [line["message"] for line in lines if line.get("origin") == "UnusableFunction"][-1:] == [
        "cannot start: Runtime.LookupError. Its next change is tried"
    ]
