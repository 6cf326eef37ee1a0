"""System calls that the sandbox refuses, asked for in the real one."""

import ctypes
import errno
import os
import platform
import sys

import pytest

from lindero.layers.read.sandbox.restrictions import Limits, restrict_process

pytestmark = pytest.mark.skipif(sys.platform != "linux" or platform.machine() != "x86_64", reason="numbers of x86-64")
TGKILL, PRLIMIT, NO_SIGNAL = 234, 302, 0
FILE, OTHER = object(), object()  # a file of the scratch folder, and this process as the child sees it
CALLS = {  # name: its number, and arguments that are allowed without the sandbox
    "tgkill": (TGKILL, (OTHER, OTHER, NO_SIGNAL)),
    "prlimit": (PRLIMIT, (OTHER, 0, None, None)),
    "pidfd_open": (434, (OTHER, 0)),
    "pidfd_send_signal": (424, (-1, NO_SIGNAL, None, 0)),
    "chmod": (90, (FILE, 0o600)),
    "fchmodat": (268, (-100, FILE, 0o600)),
    "chown": (92, (FILE, -1, -1)),
    "fchownat": (260, (-100, FILE, -1, -1, 0)),
    "setxattr": (188, (FILE, b"user.a", b"b", 1, 0)),
    "keyctl": (250, (0, -3, 0)),
}


def call_in_sandbox(folder, number, arguments):
    """Return the error number of a system call that a restricted process made; 0 for none."""
    child = os.fork()
    if child == 0:
        code = 255
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            restrict_process(Limits(), readable=[], scratch=folder)
            code = ctypes.get_errno() if libc.syscall(number, *arguments) == -1 else 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("name", CALLS)
def test_no_call_reaches_another_process_or_changes_who_may_read(tmp_path, name):
    file = tmp_path / "scratch.txt"
    file.write_text("x")
    number, arguments = CALLS[name]
    values = {FILE: bytes(file), OTHER: os.getpid()}

    assert call_in_sandbox(tmp_path, number, [values.get(argument, argument) for argument in arguments]) == errno.EPERM


def test_a_process_still_reads_its_own_limits(tmp_path):
    assert call_in_sandbox(tmp_path, PRLIMIT, (0, 0, None, None)) == 0
