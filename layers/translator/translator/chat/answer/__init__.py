"""How an answer in chat completions becomes calls on the emitter."""
