"""Builds the body of Converse: turns that alternate, and what stands beside them."""
