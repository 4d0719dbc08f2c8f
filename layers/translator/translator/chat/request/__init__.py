"""Turns a request into one of chat completions."""
