"""Waiting for what comes by itself, for as long as it may take and no longer."""

import time


def until(done, *, seconds=60):
    """Look again and again until something is done."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
