"""What the program knows of the machine that it runs on: cores, memory, threads, and the cache of compiled code."""
