"""What answers cost: budgets that hold before they are asked for, and records of who has spent what."""
