"""From what an upstream says to the bytes that the caller gets."""
