"""The tags of reasoning in a text, as models write them and as they are given back to them."""

OPENING = "<think>"
CLOSING = "</think>"
