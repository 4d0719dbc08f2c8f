"""A handler whose random numbers are those of a seed, unless somebody seeds anew."""

import random

random.seed(1)


def handler(event: object, context: object) -> float:
    """Answer with the next number."""
    return random.random()
