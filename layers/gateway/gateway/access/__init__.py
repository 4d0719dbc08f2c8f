"""Checks who may call, by key."""
