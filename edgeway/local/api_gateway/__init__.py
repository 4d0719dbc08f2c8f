"""API Gateway's part: routes, proxy events, the functions of the template, and their answers."""
