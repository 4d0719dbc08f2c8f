"""Answers one request, from its first attempt to its log line."""
