"""Cannot be imported."""

raise LookupError("this text is the user's own")
