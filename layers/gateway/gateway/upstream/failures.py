"""Turns the failure of a connection into the caller's error, with a reason for the log and the operator.

The exceptions' own texts may hold addresses and keys: they are not passed on.
"""

import socket
import ssl

import httpx
from translator.anthropic.errors import ApiError, Fault, Reason, upstream_failure

from gateway.upstream.deadlines import DeadlineError

FAILURES = (httpx.TransportError, DeadlineError)
"""What calls raise."""

_CERTIFICATE_FAULTS = {
    9: "the upstream's certificate is not valid yet: compare the clocks of both machines",
    10: "the upstream's certificate has expired",
    62: "the upstream's certificate is for another host name than its address has",
    64: "the upstream's certificate is for another IP address than it is asked at",
}
"""By OpenSSL's X509_V_ERR_ number: https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/."""
_UNTRUSTED = "the upstream's certificate is not trusted: SSL_CERT_FILE names those that are"
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


def read_failure(error: Exception) -> ApiError:
    """Return the caller's error for one of `FAILURES`."""
    match error:
        case DeadlineError():
            return upstream_failure(str(error), "timeout_error", reason="timeout")
        case httpx.ConnectError():
            return _unreachable(error)
        case httpx.ProxyError():
            return _for_good("the proxy refuses to connect to the upstream", "proxy")
        case httpx.LocalProtocolError():
            return _for_good(
                "the provider's key holds a character that no header can, so that nothing was sent", "configuration"
            )
        case _:
            return upstream_failure(
                "the upstream closed the connection before the answer was complete", reason="connection_lost"
            )


def _unreachable(error: Exception) -> ApiError:
    match _first_cause(error):
        case ssl.SSLCertVerificationError(verify_code=code):
            return _for_good(_CERTIFICATE_FAULTS.get(code, _UNTRUSTED), "certificate")
        case ssl.SSLError():
            return _for_good("the upstream does not speak TLS as expected", "tls")
        case socket.gaierror(errno=number) if number in _NO_SUCH_NAME:
            return _for_good("the upstream's host name does not exist", "name")
        case socket.gaierror():
            return upstream_failure("the upstream's host name cannot be looked up", "overloaded_error", reason="name")
        case ConnectionRefusedError():
            return upstream_failure(
                "the upstream cannot be reached: nothing listens at its address", "overloaded_error", reason="refused"
            )
        case _:
            return upstream_failure("the upstream cannot be reached", "overloaded_error", reason="unreachable")


def _first_cause(error: BaseException) -> BaseException:
    """Return the innermost cause.

    httpx and httpcore wrap the system's error; asyncio wraps those of several addresses in one.
    """
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def _for_good(message: str, reason: Reason) -> ApiError:
    """Return an error that no retry mends: the operator has to."""
    return ApiError("api_error", message, fault=Fault.UPSTREAM, retry=False, reason=reason)
