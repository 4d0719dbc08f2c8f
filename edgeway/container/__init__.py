"""Runs the same functions in one container, behind a load balancer (`edgeway serve`)."""
