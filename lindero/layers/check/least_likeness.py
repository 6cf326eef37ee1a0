"""The lowest score at which two incidents are proposed as one.

It has its own module because the help of a command needs it.
"""

MIN_LIKENESS = 0.7
