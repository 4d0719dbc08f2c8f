"""The vectors of Responses: requests with their whole bodies, streams with what they become."""
