"""Reads an answer of Converse, streamed or whole, and what goes wrong in it."""
