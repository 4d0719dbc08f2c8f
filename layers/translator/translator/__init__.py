"""The pure translator between the Anthropic Messages API and the dialects of upstream models.

Nothing here does IO, reads a clock, draws a random number or writes a log: ids, sizes and bytes are passed in.
"""
