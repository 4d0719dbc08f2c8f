"""The process that Lambda starts in place of the managed runtime: `python -m streaming`."""

import importlib
import os
import sys
from io import TextIOWrapper

from streaming.delivery import StreamedDelivery, WholeDelivery
from streaming.failure import Failure, log
from streaming.invocation import Handler, Loop
from streaming.runtime_api import RuntimeApi, RuntimeApiError
from streaming.termination import Termination


def main() -> None:
    """Import the handler, then serve: as one worker, or as the server that forks them."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a line is one write, so lines of several workers do not mix
    termination = Termination()
    termination.install()
    handler = _import_handler(os.environ["_HANDLER"])
    control = os.environ.pop("STREAMING_FORK_FD", None)
    if control is not None:
        from streaming.forking import ForkServer  # wanted by local servers only: no cold start pays for it

        os.environ["AWS_LAMBDA_RUNTIME_API"] = ForkServer(int(control), termination).run()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        delivery = StreamedDelivery(api) if _streams() else WholeDelivery(api)
        Loop(api, delivery, handler, termination).run()
    except (OSError, RuntimeApiError) as error:
        Failure("Runtime", error).log("no invocation can be fetched")
        raise SystemExit(1) from None
    finally:
        api.close()


def _import_handler(name: str) -> Handler:
    """`package.module.function`, as the function's Handler property says; slashes in the path count as dots."""
    try:
        module, _, function = name.replace("/", ".").rpartition(".")
        handler: Handler = getattr(importlib.import_module(module), function)
    except Exception as error:  # noqa: BLE001  whatever a module raises is to be reported
        failure = Failure("Runtime", error)
        failure.log("the handler cannot be imported", handler=name, missing=getattr(error, "name", None))
        _report_init(failure)
        raise SystemExit(1) from None
    return handler


def _report_init(failure: Failure) -> None:
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        api.fail_init(failure)
    except OSError:
        log("the Runtime API does not answer")
    finally:
        api.close()


def _streams() -> bool:
    """SAM's local emulator cannot stream, and takes the streaming format for a broken answer."""
    return os.environ.get("STREAMING_MODE") == "stream" and os.environ.get("AWS_SAM_LOCAL") != "true"


if __name__ == "__main__":
    main()
