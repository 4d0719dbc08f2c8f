"""The vocabularies that tokens are counted with."""
