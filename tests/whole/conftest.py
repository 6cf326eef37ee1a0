"""Fixtures that several tests of the whole program share."""

import os
import subprocess

import pytest

from tests import at_hand


@pytest.fixture(scope="session")
def programs():
    """Give a folder with a `lindero` that has all at hand: `tests.shared_out` lets one process run all that type it."""
    return at_hand.programs()


@pytest.fixture(scope="session")
def shell(programs):
    """Type lines of a shell in a folder, in a language; gives what they say."""
    environment = {name: value for name, value in os.environ.items() if name != "LINDERO_WORKSPACE"}
    environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"

    def typed(lines, folder, language="en"):
        known = environment | {"LINDERO_LANG": language}
        done = subprocess.run(
            ["bash", "-e"], input=lines, cwd=folder, env=known, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return typed
