"""What a request becomes at an upstream that speaks chat completions."""
