"""Who may call: keys, and how they are checked."""
