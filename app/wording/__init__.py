"""What is said, and how: languages, words for codes, numbers, messages, answers written down."""
