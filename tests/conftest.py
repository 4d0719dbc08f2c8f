"""What every run has: an eye on which tests hold which failure mode."""

pytest_plugins = ["tests.conformance.plugin"]
