"""What a machine may lack."""

import os
from typing import NoReturn

import pytest


def missing(message: str) -> NoReturn:
    """Skip the test, or the module, for what is not here; under CI it fails."""
    pytest.fail(message) if "CI" in os.environ else pytest.skip(message, allow_module_level=True)
