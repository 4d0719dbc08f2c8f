"""A stand-in for Anthropic's API: it keeps a prompt cache as the real one does, and remembers every byte."""

MODELS = ("claude-opus-5", "claude-sonnet-9-20270101", "claude-haiku-4-5-20251001")
"""Those of the account: one that no catalogue knows, and not all that a catalogue does."""
