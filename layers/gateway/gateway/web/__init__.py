"""Reads proxy events, and writes answers to them."""
