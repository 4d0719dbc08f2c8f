"""Reads the vocabularies that tokens are counted with."""
