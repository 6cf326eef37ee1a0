"""Limits of the machine that the program runs on: CPU cores, memory, threads, and the cache of compiled code."""
