"""The part of `edgeway doctor --stack` that asks AWS."""

from __future__ import annotations

from gateway.access.key_records import StoredKey
from gateway.access.keys import hash_key

from edgeway.commands.target import Target, open_target
from edgeway.doctor.findings import Finding


def read_stack(name: str, key: str | None) -> tuple[str, list[Finding]]:
    """The base URL of the stack, and what AWS says of it. Where AWS refuses to name it, the command ends."""
    with open_target(name, None, None) as target:
        from gateway.aws.boto3_client import open_boto3_client

        from edgeway.aws.stack import find_stack
        from edgeway.doctor.stack import Deployed, examine_stack

        stack = find_stack(open_boto3_client("cloudformation"), name)
        deployed = Deployed(stack, open_boto3_client("apigateway"), open_boto3_client("lambda"))
        return stack.base_url, [*examine_stack(deployed), *_membership(target, key)]


def _membership(target: Target, key: str | None) -> list[Finding]:
    """Whether API Gateway has the key where its record says."""
    if key is None:
        return []
    from edgeway.doctor.stack import membership

    record = target.run(target.registry.find(hash_key(key)))
    if record is None:
        return [Finding("the key is in its plan", "failed", "the stack does not know it", "See: edgeway keys list")]
    return [membership(record, target.run(target.gate.admission(StoredKey(hash_key(key), record))))]
