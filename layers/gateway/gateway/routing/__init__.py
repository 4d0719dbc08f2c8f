"""Which provider answers for a model, and what is known of both."""
