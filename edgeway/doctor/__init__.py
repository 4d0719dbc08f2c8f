"""Checks a running gateway from outside, as callers see it. Most checks are of what only AWS can show."""
