"""One request, from its attempts to its log line."""
