"""Amazon Bedrock's Converse: a request of its own, and an answer as events of a stream or as one document."""
