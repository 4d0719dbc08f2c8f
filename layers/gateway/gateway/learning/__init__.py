"""Remembers what upstreams teach by refusing, and shares it between environments."""
