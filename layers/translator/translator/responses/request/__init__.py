"""Turns a request into a flat list of items, in the order in which they were said."""
