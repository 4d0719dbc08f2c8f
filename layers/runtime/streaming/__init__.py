"""Response streaming for Python on AWS Lambda: return a `StreamingResponse` from an ordinary handler."""

from streaming.response import StreamingResponse

__all__ = ["StreamingResponse"]
