"""Commands about who answers: models, providers, what they have taught, and the operator's file."""
