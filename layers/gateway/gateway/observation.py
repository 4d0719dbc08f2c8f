"""Watching one request: its timings, its headers, and the one line that is logged when it has ended."""

from collections.abc import Callable, Mapping

from translator.anthropic.errors import ApiError, Fault
from translator.emitter import Emitter

from gateway.exchange import Begun
from gateway.headers import routing_headers
from gateway.summary import Log, Summary, kind_and_place


class Observation:
    """One request, from its arrival to its log line. `monotonic` gives seconds."""

    def __init__(self, request_id: str, *, monotonic: Callable[[], float], log: Log) -> None:
        self.summary = Summary(request_id=request_id)
        self._monotonic = monotonic
        self._log = log
        self._arrived = monotonic()

    def begin(self, begin: Callable[[], Begun]) -> Begun:
        """Run the attempts, and note how long they took and who answered."""
        before = self._monotonic()
        try:
            begun = begin()
        finally:
            self.summary.upstream_ms = (self._monotonic() - before) * 1000
        self.summary.model = begun.candidate.name
        self.summary.attempts = begun.attempts
        self.summary.dropped = begun.dropped
        self.summary.first_event_ms = self._elapsed_ms()
        return begun

    def succeeded(self, emitter: Emitter) -> None:
        """The answer is whole."""
        self.summary.count(emitter.final_usage())
        self.summary.stop_reason = emitter.stop_reason

    def refused(self, error: ApiError) -> None:
        """Nothing was sent but this error."""
        self.summary.fail(error)
        self.summary.status = error.status

    def broke_off(self, emitter: Emitter, error: ApiError) -> None:
        """The stream had begun, with status 200, and ended in this error."""
        self.summary.fail(error)
        self.summary.count(emitter.final_usage())

    def unexpected(self, error: Exception) -> ApiError:
        """Log what kind of error nobody expected and where; the caller is told no more than that it was ours."""
        self._log("unexpected error", kind_and_place(error))
        return ApiError("api_error", "Internal server error", fault=Fault.GATEWAY)

    def end(self) -> None:
        """Log the request."""
        self.summary.total_ms = self._elapsed_ms()
        self._log("request", self.summary.fields())

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """The headers of the answer: `more` and those that tell how it was served."""
        summary = self.summary
        waited = summary.upstream_ms
        own = max(0.0, self._elapsed_ms() - waited)
        return {
            **more,
            "request-id": summary.request_id,
            "server-timing": f"edgeway;dur={own:.1f}, upstream;dur={waited:.1f}",
            **routing_headers(model=summary.model, attempts=summary.attempts, dropped=summary.dropped),
        }

    def _elapsed_ms(self) -> float:
        return (self._monotonic() - self._arrived) * 1000
