"""The settings of a server, and the environment that its functions get."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from gateway.aws.region import REGION_VARIABLES, region_in
from gateway.settings import read_settings

from edgeway.local.api_gateway.bodies import LAMBDA, Sizes
from edgeway.local.api_gateway.template import Function, read_template
from edgeway.local.web.hosts import ITS_OWN, Hosts
from edgeway.local.web.limits import ConnectionLimits, Limits

RECORD_SECONDS: Final = "0.25"
"""What requests have used is written four times a second, and not in the middle of the next request."""
PROJECT: Final = Path(__file__).resolve().parents[3]
TEMPLATE: Final = PROJECT / "template.yaml"
PYTHON: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"

_TEMPLATE_DECIDES: Final = frozenset({"AWS_SAM_LOCAL", "PYTHONPATH", "STREAMING_MODE"})
"""An operator's variables of these names are not meant for the functions."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run."""

    template: Path = TEMPLATE
    processes: int = 1
    limits: Limits = field(default_factory=Limits)
    """Of each process."""
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    """Of each process."""
    sizes: Sizes = LAMBDA
    hosts: Hosts = ITS_OWN
    """The names that it answers for."""
    keep_alive: int = 75
    """Seconds after which an idle connection of a caller is closed."""
    streaming_timeout: float | None = None
    """Seconds that a function with streaming routes has for an invocation; None: what the template says."""
    end_revoked: float | None = None
    """Seconds between two looks for revoked keys whose answers still run; None: these go on to their end."""
    reload: bool = True
    grace: float = 3.0
    """Seconds that running requests have to finish once the server is told to stop."""
    operator: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """What the operator has set; it goes over the template's own variables."""
    forced: Mapping[str, str] = field(default_factory=dict)
    """What goes over everything."""
    sums: Path | None = None
    """Where the processes sum up what they have served; None: nobody is told."""

    @property
    def configuration(self) -> Path:
        """The operator's file."""
        return read_settings(self.operator).configuration.resolve()

    def functions(self) -> tuple[Function, ...]:
        """The functions that are to be served. Raises TemplateError."""
        functions = read_template(self.template)
        if self.streaming_timeout is None:
            return functions
        return tuple(
            replace(function, timeout_seconds=self.streaming_timeout) if function.streams else function
            for function in functions
        )

    def sources(self) -> set[Path]:
        """What the functions are made of: folders, layers, the template and the operator's file. Raises TemplateError.

        The operator's file lies in a layer as a link, and a change of what a link leads to is not seen there.
        """
        folders = (path for function in self.functions() for path in (function.code, *function.layers))
        return {self.template, self.configuration, *folders}

    @property
    def region(self) -> str | None:
        """The AWS Region that the functions are told; None leaves it to the operator's profile."""
        return region_in(self.operator)

    @property
    def region_variables(self) -> dict[str, str]:
        """The variables that tell it."""
        return dict.fromkeys(REGION_VARIABLES, self.region) if self.region else {}

    def environment(self, function: Function) -> dict[str, str]:
        """Return the environment that a function is built from: what Lambda sets, here with local paths."""
        return {
            "STREAMING_MODE": "buffered",
            "EDGEWAY_RECORD_SECONDS": RECORD_SECONDS,
            **function.environment,
            **{name: value for name, value in self.operator.items() if name not in _TEMPLATE_DECIDES},
            **self.forced,
            **self.region_variables,
            "EDGEWAY_PROVIDER_KEYS_READ": "values",  # what one function of this process may read, all may
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{PYTHON}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_megabytes),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "LAMBDA_TASK_ROOT": str(function.code),
            "_HANDLER": function.handler,
        }


def data_directory(environment: Mapping[str, str]) -> Path:
    """Return the platform's place for a user's data."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "edgeway"
    base = environment.get("XDG_DATA_HOME", "")
    # The specification asks to ignore a relative path (specifications.freedesktop.org/basedir-spec).
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share") / "edgeway"
