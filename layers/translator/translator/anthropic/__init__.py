"""The Anthropic Messages API as data: requests, stream events, messages and errors (POST /v1/messages)."""
