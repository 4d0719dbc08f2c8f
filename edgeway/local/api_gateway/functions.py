"""Loads the functions of a template into this process, each as a module of its own with its own environment.

A function is one module, as those of this repository are: what they share lies in layers.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeAlias

from streaming.context import Context
from streaming.failure import Failure as ExceptionFacts

from edgeway.local.api_gateway.events import ACCOUNT_ID
from edgeway.local.api_gateway.slots import Slots
from edgeway.local.api_gateway.template import Function, Route
from edgeway.local.console.output import PRINTING
from edgeway.local.web import failures
from edgeway.local.web.failures import Refused
from edgeway.local.web.identifiers import new_id
from edgeway.local.web.limits import Limits

Handler: TypeAlias = Callable[[dict[str, Any], Context], Any]
Say: TypeAlias = Callable[[str, str], None]

BUILD: Final = "build"
"""What makes a function's handler of an environment. A module without it has its handler only."""


class LoadedFunction:
    """A function as its source is now."""

    def __init__(self, function: Function, environment: Mapping[str, str], handler: Handler, limits: Limits) -> None:
        self.slots = Slots(limits)
        self.name = function.name
        self.timeout_seconds = function.timeout_seconds
        self.streams = environment.get("STREAMING_MODE") == "stream"
        self._environment = environment
        self._arn = f"arn:aws:lambda:{environment.get('AWS_REGION', '')}:{ACCOUNT_ID}:function:{function.name}"
        self._is_async = inspect.iscoroutinefunction(handler)
        self._handler = handler

    def check(self, route: Route) -> None:
        """Raise Refused where the template contradicts itself, as API Gateway would refuse every answer."""
        if self.streams != route.streams:
            problem = "its route streams and the answer does not, or the reverse"
            raise Refused(failures.wrong_shape(self.name, problem))

    def context(self, now: float) -> Context:
        """Return what Lambda would tell a function about an invocation that begins now."""
        facts = {
            "lambda-runtime-aws-request-id": new_id(),
            "lambda-runtime-deadline-ms": str(int((now + self.timeout_seconds) * 1000)),
            "lambda-runtime-invoked-function-arn": self._arn,
        }
        return Context(facts, self._environment)

    def call(self, event: dict[str, Any], context: Context) -> Any:
        """Return what is to be awaited for the answer. A plain function may block, and has a thread."""
        PRINTING.set(self.name)
        if self._is_async:
            return self._handler(event, context)
        copied = contextvars.copy_context()
        return asyncio.get_running_loop().run_in_executor(None, copied.run, self._handler, event, context)


def load(function: Function, environment: Mapping[str, str], limits: Limits, say: Say) -> LoadedFunction | None:
    """Return the function, or None where its module fails: what it raises is logged without its text."""
    for layer in function.layers:
        if str(layer) not in sys.path:
            sys.path.append(str(layer))
    token = PRINTING.set(function.name)
    try:
        module_name, _, handler_name = function.handler.replace("/", ".").rpartition(".")
        module = _module(function.name, function.code / (module_name.replace(".", "/") + ".py"))
        build = getattr(module, BUILD, None)
        handler = getattr(module, handler_name) if build is None else build(environment)
        return LoadedFunction(function, environment, handler, limits)
    except Exception as error:  # noqa: BLE001 whatever a module raises, the other functions are served
        facts = ExceptionFacts("Runtime", error)
        facts.log("the handler cannot be imported", handler=function.handler, missing=getattr(error, "name", None))
        say(function.name, f"cannot start: {facts.kind}. Its next change is tried")
        return None
    finally:
        PRINTING.reset(token)


def _module(function: str, file: Path) -> ModuleType:
    """Import a file under a name of the function's own: all of them are called app.py."""
    name = f"edgeway_function_{function}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(name=str(file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where pydantic and dataclasses look for what annotations name
    spec.loader.exec_module(module)
    return module
