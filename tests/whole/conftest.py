"""Fixtures that several tests of the whole program share."""

import pytest

from tests import at_hand


@pytest.fixture(scope="session")
def programs():
    """Give a folder with a `lindero` that has all at hand: `tests.shared_out` lets one process run all that type it."""
    return at_hand.programs()
