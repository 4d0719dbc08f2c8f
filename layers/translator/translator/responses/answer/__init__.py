"""Turns each output item of an answer into a content block."""
