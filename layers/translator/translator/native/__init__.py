"""Lets the Messages API through: what a caller and an upstream say to each other stays as it is."""
