"""The score from which two incidents are proposed as one, by itself: the help of a command names it."""

LEAST = 0.7
