"""Which candidates answer one request, and in which order: by their health, the operator's routes and warm caches."""
