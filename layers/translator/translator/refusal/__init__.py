"""Reads what an upstream's error means, and what it says of the model."""
