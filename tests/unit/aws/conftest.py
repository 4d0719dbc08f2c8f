"""Fixtures: an account of AWS with a stack in it, played by moto."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from edgeway.aws.stack import Stack, find_stack
from tests.unit.aws import stacks


@pytest.fixture
def account() -> Iterator[None]:
    with stacks.empty_account():
        yield


@pytest.fixture
def stack(account: None) -> Stack:
    stacks.deploy()
    return find_stack(boto3.client("cloudformation"), stacks.NAME)
