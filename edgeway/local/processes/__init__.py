"""Starts, leads, replaces and stops the processes of a server."""
