"""Addresses that an upstream may be asked to fetch."""

from __future__ import annotations

import pytest
from translator.anthropic.sources import UrlSource


@pytest.mark.parametrize(
    "url",
    [
        "https://x.test",
        "HTTP://X.test:8080/a%20b.png?size=1&name=%2F#top",
        "https://user:word@x.test/a.png",
        "http://192.0.2.1/a.png",
        "http://[2001:db8::1]:8000/a.png",
        "https://bücher.test/größe.png",
        "https://x.test?a=https://y.test",
    ],
)
def test_what_is_an_address_is_kept_as_it_is(url: str) -> None:
    assert UrlSource(type="url", url=url).url == url
