"""
The lowest score at which two incidents are proposed as one.

It has its own module because the help of a command needs it.
"""

LEAST = 0.7
