"""Servers of maps in separate processes."""

import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager

import psutil


@contextmanager
def run_server(command: list[str], port: int) -> Generator[psutil.Process]:
    """Run a command, wait until it listens on a port, and end it afterwards."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield psutil.Process(server.pid)
    finally:
        server.kill()
        server.wait()


def free_port() -> int:
    """Return a port that no process listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
