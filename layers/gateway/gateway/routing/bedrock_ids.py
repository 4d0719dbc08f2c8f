"""Finds the id of a model in Amazon Bedrock that the endpoint of a Region takes. Pure.

`us.anthropic.claude-haiku-4-5-20251001-v1:0` is an inference profile (which Regions may answer), a vendor, a model and
a version. Newer ids have no version, the ids of bedrock-mantle neither profile nor version nor date.
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

Scheme = Literal["runtime", "mantle"]
"""By endpoint: bedrock-runtime wants profiles and versions, bedrock-mantle ids without both."""

GLOBAL = "global"
PROFILES = ("us", "eu", "apac", "au", "jp", "ca", "us-gov", GLOBAL)
"""The prefixes of the inference profiles."""
_VENDORS = (
    "ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen"
    "|stability|twelvelabs|writer|xai|zai"
)
_ID = re.compile(
    rf"(?:(?P<profile>{'|'.join(PROFILES)})\.)?(?P<vendor>{_VENDORS})\.(?P<model>.+?)(?P<version>-v\d+(?::\d+k?)*|-\d+:\d+)?",
    re.IGNORECASE,
)
_DATE = re.compile(r"-20\d{6}$")
_NEEDS_A_PROFILE = re.compile(
    r"anthropic\.|amazon\.nova|deepseek\.r1|meta\.llama|mistral\.pixtral|openai\.gpt-[5-9]|writer\.palmyra|xai\.",
    re.IGNORECASE,
)
"""How the ids begin of which at bedrock-runtime no Region, or only one, serves the newer ones by itself."""

_OF_A_REGION: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("us-gov-", ("us-gov",)),
    ("us-", ("us", GLOBAL)),
    ("ca-", ("ca", "us", GLOBAL)),
    ("eu-", ("eu", GLOBAL)),
    ("ap-northeast-1", ("jp", "apac", GLOBAL)),
    ("ap-northeast-3", ("jp", "apac", GLOBAL)),
    ("ap-southeast-2", ("au", "apac", GLOBAL)),
    ("ap-southeast-4", ("au", "apac", GLOBAL)),
    ("ap-southeast-6", ("au", "apac", GLOBAL)),
    ("ap-", ("apac", GLOBAL)),
    ("cn-", ()),
)
"""By the beginning of the Region that is called: the profiles that it may have, the narrowest place first."""


class BedrockId(NamedTuple):
    """The parts of an id."""

    profile: str
    """Empty: the model in the Region itself."""
    vendor: str
    model: str
    version: str

    @property
    def family(self) -> str:
        """The model's name as other providers write it: vendors repeat themselves, but DeepSeek does not."""
        is_short = self.vendor == "deepseek" and not self.model.startswith(self.vendor)
        return f"{self.vendor}-{self.model}" if is_short else self.model

    def spelled(self, profile: str = "") -> str:
        """The id in bedrock-runtime's spelling, under another profile."""
        return f"{profile}.{self.base}" if profile else self.base

    @property
    def base(self) -> str:
        """The id without a profile."""
        return f"{self.vendor}.{self.model}{self.version}"

    @property
    def mantle(self) -> str:
        """The id in bedrock-mantle's spelling."""
        return f"{self.vendor}.{_DATE.sub('', self.model)}"


def parse(model_id: str) -> BedrockId | None:
    """The parts of an id of Bedrock's; None for any other.

    >>> parse("eu.anthropic.claude-opus-4-6-v1")
    BedrockId(profile='eu', vendor='anthropic', model='claude-opus-4-6', version='-v1')
    """
    found = _ID.fullmatch(model_id)
    if found is None:
        return None
    return BedrockId(found["profile"] or "", found["vendor"], found["model"], found["version"] or "")


def profiles_of(region: str, only: str | None = None) -> tuple[str, ...]:
    """The profiles that the Region may have, the preferred first; `only`: what the operator allows."""
    if only is not None:
        return (only,) if only else ()
    return next((profiles for start, profiles in _OF_A_REGION if region.startswith(start)), (GLOBAL,))


def rank(model_id: str, profiles: Sequence[str]) -> int | None:
    """How much the id is preferred where these profiles may be used, the higher the more; None: it cannot be used.

    A model of the Region's own comes last where the newer ones like it need a profile, and first elsewhere.
    """
    parts = parse(model_id)
    if parts is None:
        return 0
    if parts.profile:
        return len(profiles) - profiles.index(parts.profile) if parts.profile in profiles else None
    return 0 if _NEEDS_A_PROFILE.match(model_id) else len(profiles) + 1


def needs_profile(model_id: str) -> bool:
    """Whether nothing but a profile is sure to serve the model: as far as one knows who has no list of the account."""
    return _NEEDS_A_PROFILE.match(model_id) is not None


def guessed(model_id: str, scheme: Scheme | None, profiles: Sequence[str]) -> str:
    """The id to send for a model of which nothing is known: in the endpoint's spelling, under the Region's profile."""
    if scheme is None:
        return model_id
    parts = parse(model_id) or (parse(f"anthropic.{model_id}") if model_id.startswith("claude") else None)
    if parts is None:
        return model_id
    if scheme == "mantle":
        return parts.mantle
    if parts.profile in profiles and parts.profile:
        return model_id
    if parts.profile or needs_profile(parts.base):
        return parts.spelled(profiles[0] if profiles else "")
    return model_id
