"""Waiting for what comes by itself, for as long as it may take and no longer."""

import subprocess
import time

END_S = 60.0  # for a program to end that was asked to: then it is killed, for what it was started for has been seen


def until(done, *, seconds=60):
    """Look again and again until something is done."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def end(process: subprocess.Popen) -> None:
    """End a program that a test has started, whether or not it still answers on a busy machine."""
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
