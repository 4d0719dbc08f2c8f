"""The Responses dialect: OpenAI's `POST /v1/responses`."""
