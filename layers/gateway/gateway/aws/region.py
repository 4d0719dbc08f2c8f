"""Reads the AWS Region from the environment."""

from collections.abc import Mapping

REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""What names the Region, in the AWS command line's order. boto3 by itself reads the second only."""


def region_in(environ: Mapping[str, str]) -> str | None:
    """The Region that the environment names, if it does; a profile may still have one. An empty variable names none."""
    return next((environ[name] for name in REGION_VARIABLES if environ.get(name)), None)
