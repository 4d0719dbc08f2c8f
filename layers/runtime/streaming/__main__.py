"""The process that Lambda starts in place of the managed runtime: `python -m streaming`."""

import importlib
import os
import sys
from asyncio import Runner
from io import TextIOWrapper

from streaming.event_loop import new_loop
from streaming.failure import Failure, log
from streaming.invocation import Handler, Loop
from streaming.runtime_api import RuntimeApi, RuntimeApiError


def main() -> int:
    """Import the handler, then serve; the exit status."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a line is one write, so lines of several writers do not mix
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    with Runner(loop_factory=new_loop) as runner:
        handler = _import_handler(os.environ["_HANDLER"])  # not within the loop: a module may run one of its own
        if isinstance(handler, Failure):
            return runner.run(_fail_init(api, handler))
        loop = Loop(api, handler, streams=_streams())
        try:
            if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
                runner.run(api.restored())
                _draw_anew()
            return runner.run(loop.run())
        except (OSError, RuntimeApiError) as error:
            Failure("Runtime", error).log("no invocation can be fetched")
            return 1
        except SystemExit:  # of a task that nobody awaits
            loop.exit_status = 1
            return 1
        finally:
            api.close()


def _draw_anew() -> None:
    """All copies of a snapshot would else draw the same numbers. What asks the system (uuid4, secrets) has no state."""
    if random := sys.modules.get("random"):
        random.seed()


def _import_handler(name: str) -> Handler | Failure:
    """`package.module.function`, as the function's Handler property says; slashes in the path count as dots."""
    try:
        module, _, function = name.replace("/", ".").rpartition(".")
        handler: Handler = getattr(importlib.import_module(module), function)
    except Exception as error:  # noqa: BLE001  whatever a module raises is to be reported
        failure = Failure("Runtime", error)
        failure.log("the handler cannot be imported", handler=name, missing=getattr(error, "name", None))
        return failure
    return handler


async def _fail_init(api: RuntimeApi, failure: Failure) -> int:
    try:
        await api.fail_init(failure)
    except OSError:
        log("the Runtime API does not answer")
    return 1


def _streams() -> bool:
    """SAM's local emulator cannot stream, and takes the streaming format for a broken answer."""
    return os.environ.get("STREAMING_MODE") == "stream" and os.environ.get("AWS_SAM_LOCAL") != "true"


if __name__ == "__main__":
    sys.exit(main())
