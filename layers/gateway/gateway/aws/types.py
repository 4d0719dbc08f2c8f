"""A service of AWS, and how a call to it fails."""

from typing import NamedTuple

_SERVER_ERROR = 500
_THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


class Service(NamedTuple):
    """A service, with the form of its operations' names."""

    name: str
    target: str
    """What stands before the operation in X-Amz-Target; empty for a service that does not speak JSON."""
    content_type: str


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0")
S3 = Service("s3", "", "")
SECRETS_MANAGER = Service("secretsmanager", "secretsmanager", "application/x-amz-json-1.1")
SYSTEMS_MANAGER = Service("ssm", "AmazonSSM", "application/x-amz-json-1.1")


class AwsError(Exception):
    """A failed call, in AWS's own words."""

    def __init__(self, operation: str, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        """AWS's name of the error; `ConnectionError` where nobody has answered."""
        self.message = message
        self.status = status
        """The status of the answer; 0: there was none."""

    @property
    def is_passing(self) -> bool:
        """Tell whether the same call may succeed a moment later."""
        return self.status == 0 or self.status >= _SERVER_ERROR or self.code in _THROTTLED
