"""Commands that run a gateway: on this machine, and in a container."""
