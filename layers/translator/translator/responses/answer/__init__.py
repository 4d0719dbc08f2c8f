"""What an answer becomes: each output item a content block."""
