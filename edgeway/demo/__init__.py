"""Edgeway's demo model: a chat-completions server that answers by rule where no model is configured.

It streams, thinks, calls tools and counts tokens as a model does, so that the first request works without any key, and
it says in every first answer that it is no language model. The same request always has the same answer.
"""

MODEL = "edgeway-demo"
CONTEXT_WINDOW = 200_000
"""Tokens: as many as clients like to send; nothing here grows with them."""
