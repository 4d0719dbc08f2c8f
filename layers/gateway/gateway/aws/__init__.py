"""Calls services of AWS."""
