"""The tools of a request: which are in force, and what is learnt of those that an upstream refuses."""
