"""Requests and answers of Bedrock's Converse."""
