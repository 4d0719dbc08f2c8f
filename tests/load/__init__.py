"""Load: a fast upstream, callers in their thousands, and what the processes between them hold meanwhile."""
