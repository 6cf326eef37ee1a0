"""Languages, words for codes, numbers, messages."""
