"""Holds budgets before answers are paid for, and records who has spent what."""
