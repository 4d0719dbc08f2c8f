"""Calls to services of AWS."""
