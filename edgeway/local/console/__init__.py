"""Prints what people read in the terminal."""
