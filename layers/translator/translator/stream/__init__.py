"""The stream of an answer: its events, and the whole answer that is folded from them."""
