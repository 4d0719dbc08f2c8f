"""What every run has: an eye on which tests hold which failure mode, and how hard properties are tried.

Properties are tried quickly on a developer's machine, deeper and the same every time in CI. None has a deadline: the
first example may load what the others find loaded.
"""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.conformance.plugin"]

settings.register_profile("quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("quick"), max_examples=200, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "quick")
