"""The Messages API itself: what a caller and an upstream say to each other goes through as it is."""
