"""Commands about who calls: keys, what they may spend and have spent, and what a client is set to."""
