"""Checks of a running gateway from outside, as its callers see it: above all what nobody could try without AWS."""
