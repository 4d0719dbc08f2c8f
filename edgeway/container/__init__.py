"""The way out of serverless: the same functions in one container, behind a load balancer (`edgeway serve`)."""
