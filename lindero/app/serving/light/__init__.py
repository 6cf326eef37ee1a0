"""The light page: one place, one answer, plain HTML that a phone reads in seconds, prints and keeps as one file."""
