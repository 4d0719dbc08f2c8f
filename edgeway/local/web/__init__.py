"""Callers' connections: what they may send, and hold, before anybody knows who they are."""
