"""Answers that are kept for equal requests of one key."""
