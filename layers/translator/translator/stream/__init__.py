"""The stream of an answer: its events, its text, and the whole answer that is folded from it."""
