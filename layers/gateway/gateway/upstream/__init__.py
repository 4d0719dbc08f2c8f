"""Bytes to and from providers: no other room opens a connection to one."""
