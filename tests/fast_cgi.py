"""A program that speaks FastCGI, begun once and asked over a socket: to begin one takes longer than most of its answers."""

import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_BEGIN, _END, _PARAMS, _INPUT, _OUTPUT = 1, 3, 4, 5, 6  # kinds of records
_RECORD = struct.Struct(">BBHHBx")  # version, kind, request, bytes, bytes of padding
_ONLY = 1  # the number of a request: there is one on each connection
_RESPONDER = struct.pack(">HB5x", 1, 0)  # a role, and that the connection is closed after the answer
_LONG = 0x80000000  # how lengths above 127 are told from shorter ones


@contextmanager
def running(program: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Begin a program; gives the address that it listens at."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX) as listener,
    ):  # a short path: 107 letters
        address = str(Path(folder, "listens"))
        listener.bind(address)
        listener.listen()
        process = subprocess.Popen([program], env=dict(environment), stdin=listener, stderr=subprocess.DEVNULL)
        try:
            yield address
        finally:
            process.kill()  # one that waits to be asked does not end when it is told to
            process.wait()


def answer(address: str, variables: Mapping[str, str]) -> bytes:
    """Ask it with variables as those of CGI, and with no input; gives what it writes."""
    told = b"".join(_pair(name.encode(), value.encode()) for name, value in variables.items())
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(address)
        asked.sendall(
            b"".join([_record(_BEGIN, _RESPONDER), _record(_PARAMS, told), _record(_PARAMS), _record(_INPUT)])
        )
        written = []
        with asked.makefile("rb") as answered:
            while True:
                _, kind, _, size, padding = _RECORD.unpack(answered.read(_RECORD.size))
                content = answered.read(size + padding)[:size]
                if kind == _END:
                    return b"".join(written)
                if kind == _OUTPUT:
                    written.append(content)


def _record(kind: int, content: bytes = b"") -> bytes:
    return _RECORD.pack(1, kind, _ONLY, len(content), 0) + content


def _pair(name: bytes, value: bytes) -> bytes:
    return struct.pack(">II", len(name) | _LONG, len(value) | _LONG) + name + value
