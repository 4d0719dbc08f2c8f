"""How hard the properties are tried: quickly on a developer's machine, deeper and the same every time in CI."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("quick"), max_examples=200, derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "quick")
