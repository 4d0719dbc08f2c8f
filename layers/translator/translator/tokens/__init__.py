"""Counts the tokens of a request."""
