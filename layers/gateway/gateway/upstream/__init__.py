"""Moves bytes to and from providers. No other room opens a connection to one."""
