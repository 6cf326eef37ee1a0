"""What watches over a server of the tests."""

WATCH = """
import os, sys
def watch(event, given):
    if event == "socket.connect" and isinstance(given[1], tuple) and given[1][0] not in ("127.0.0.1", "::1", "localhost"):
        print("CONNECTS TO", given[1], flush=True); os._exit(9)
    if event == "socket.getaddrinfo" and given[0] not in ("127.0.0.1", "::1", "localhost", None):
        print("LOOKS UP", given[0], flush=True); os._exit(9)
sys.addaudithook(watch)
"""
"""To run first: ends the server's process when anything in it reaches for another machine."""
