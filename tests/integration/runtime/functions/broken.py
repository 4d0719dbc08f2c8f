"""A function whose module cannot be imported."""

raise ValueError("a secret from the environment")
