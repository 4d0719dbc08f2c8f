"""Knows providers and models, and resolves which provider answers for a model."""
