"""Where a picture or a document comes from, one class for each `type` of a `source` that can be read here."""

import re
from binascii import Error, a2b_base64
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from translator.anthropic.shape import Shape


def _checked_base64(data: str) -> str:
    """The data without the line ends that MIME puts into base64, and data URLs do not take."""
    for text in (data, "".join(data.split())):
        try:
            a2b_base64(text, strict_mode=True)
        except (Error, ValueError):
            continue
        return text
    raise PydanticCustomError("base64", "Invalid base64 data")


Base64Data = Annotated[str, Field(min_length=1), AfterValidator(_checked_base64)]


_ADDRESS = re.compile(
    r"https?://(?:[^/?#@\\]+@)?(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#].*)?", re.IGNORECASE
)


def _checked_address(url: str) -> str:
    """An upstream on the operator's own machine would read `file:` addresses there; and no URL holds a sentence."""
    if url.isprintable() and " " not in url and _ADDRESS.fullmatch(url):
        return url
    raise PydanticCustomError("address", "Input should be an http or https URL")


class Base64Source(Shape):
    """Bytes in the request itself, as base64."""

    type: Literal["base64"]
    media_type: str
    data: Base64Data


class Base64ImageSource(Base64Source):
    """A picture in the request itself."""

    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]


class UrlSource(Shape):
    """An address that the upstream itself would fetch."""

    type: Literal["url"]
    url: Annotated[str, AfterValidator(_checked_address)]


class TextSource(Shape):
    """A document given as plain text."""

    type: Literal["text"]
    data: str
    media_type: str = "text/plain"


def refused(*kinds: str) -> BeforeValidator:
    """Sources that only Anthropic could reach, or that the gateway would have to fetch for the caller."""

    def check(source: object) -> object:
        kind = source.get("type") if isinstance(source, Mapping) else None
        if kind in kinds:
            message = "not supported by this gateway (a {kind} source; send it as base64)"
            raise PydanticCustomError("unreachable_source", message, {"kind": kind})
        return source

    return BeforeValidator(check)
