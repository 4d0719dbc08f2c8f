"""Our signature is botocore's own, whatever is signed with whatever credentials."""

import datetime as dt
from unittest.mock import patch
from urllib.parse import quote

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from gateway.aws.signature import Credentials, Target, signed_headers
from hypothesis import given
from hypothesis import strategies as st

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

words = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)
hosts = st.from_regex(r"[a-z0-9][a-z0-9.-]{0,30}(:[0-9]{1,5})?", fullmatch=True)
secrets = st.text(st.characters(codec="utf-8"), min_size=1, max_size=100)
tokens = st.none() | st.from_regex(r"[A-Za-z0-9+/=_.!-]{1,400}", fullmatch=True)
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.just("\t"), max_size=60)
names = words.map("x-amz-".__add__) | st.sampled_from(["content-type", "accept", "a", "z"])
segments = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).map(lambda text: quote(text, safe=""))
paths = st.lists(segments.filter(lambda segment: segment.strip(".")), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
queries = st.lists(st.tuples(segments, segments).map("=".join), max_size=4).map("&".join)
targets = st.builds(Target, st.sampled_from(["GET", "POST"]), paths, queries)
OWN = ("host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256")


def signed_by_botocore(
    target: Target,
    headers: dict[str, str],
    body: bytes,
    credentials: Credentials,
    region: str,
    service: str,
    now: dt.datetime,
) -> dict[str, str]:
    url = f"https://unused{target.path}" + (f"?{target.query}" if target.query else "")
    request = AWSRequest(target.method, url, headers=headers, data=body)
    theirs = TheirCredentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
    with patch.object(auth, "get_current_datetime", return_value=now.replace(tzinfo=None)):
        auth.SigV4Auth(theirs, service, region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


@given(
    st.dictionaries(names.filter(lambda name: name not in OWN), values, max_size=6),
    hosts,
    st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(Credentials, st.from_regex(r"[A-Z0-9]{16,32}", fullmatch=True), secrets, tokens),
    words,
    words,
    st.integers(0, 4_000_000_000),
    targets,
)
def test_it_signs_as_botocore_does(
    headers: dict[str, str],
    host: str,
    body: bytes,
    credentials: Credentials,
    region: str,
    service: str,
    now: int,
    target: Target,
) -> None:
    told = {**headers, "host": host}
    ours = signed_headers(told, body, credentials, region=region, service=service, now=now + 0.75, target=target)
    theirs = signed_by_botocore(
        target, told, body, credentials, region, service, EPOCH + dt.timedelta(seconds=now, milliseconds=750)
    )
    assert ours == theirs
