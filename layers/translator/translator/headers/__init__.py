"""Reads what the headers of upstreams say of time and limits."""
