"""Turns an answer in chat completions into calls on the emitter."""
