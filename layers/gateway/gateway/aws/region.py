"""Reads the AWS Region from the environment."""

from collections.abc import Mapping

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""What names the Region, in the AWS command line's order. boto3 by itself reads the second only."""


def region_in(environ: Mapping[str, str]) -> str | None:
    """Return the Region that the environment names; None where it names none. A profile may still have one."""
    return next((environ[name] for name in REGION_VARIABLES if environ.get(name)), None)
