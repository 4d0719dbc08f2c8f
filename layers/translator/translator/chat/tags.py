"""The tags of reasoning in a text, as models write them and as they are given back."""

OPENING = "<think>"
CLOSING = "</think>"
