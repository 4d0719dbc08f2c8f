"""What upstreams teach by refusing: kept for the next request, and shared between environments."""
