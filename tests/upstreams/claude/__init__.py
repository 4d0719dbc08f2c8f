"""A stand-in for Anthropic's API: it keeps a prompt cache as the real one does, and remembers every byte."""
