"""What a request becomes: a flat list of items, in the order in which they were said."""
