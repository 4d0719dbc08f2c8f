"""Turns what an upstream says into the bytes that the caller gets."""
