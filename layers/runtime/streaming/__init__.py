"""Response streaming for Python on AWS Lambda: return a `StreamingResponse` from an ordinary handler."""

from streaming.event_loop import run_on_one_loop
from streaming.response import StreamingResponse

__all__ = ["StreamingResponse", "run_on_one_loop"]
