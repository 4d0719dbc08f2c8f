"""How far token counts are from the truth: a corpus, the truth by each family's own tokenizer, and the errors."""
