"""The local server: API Gateway and the Lambda Runtime API, played over the real functions in the real runtime."""
