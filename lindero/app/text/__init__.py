"""Text for the reader: languages, translated codes, numbers, dates, and messages."""
