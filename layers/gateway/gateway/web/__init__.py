"""Proxy events and answers to them, whichever endpoint is asked."""
