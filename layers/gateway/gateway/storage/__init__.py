"""The store: SQLite on a laptop, DynamoDB on AWS."""
