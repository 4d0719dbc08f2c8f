"""Translates what every dialect has: effort, tools, schemas, ids, content."""
