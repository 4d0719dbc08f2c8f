"""Knows which tools of a request are in force, and which an upstream has refused."""
