"""Chooses and orders the candidates of a request by health, the operator's routes and warm caches."""
