"""Guards callers' connections before anybody knows who calls: what they may send and hold."""
