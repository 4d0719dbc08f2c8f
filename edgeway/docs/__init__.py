"""What `make docs` writes."""
