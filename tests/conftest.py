"""Fixtures and options that several test modules share."""

import pytest
from hypothesis import settings

from app import i18n
from tests.files import Files

settings.register_profile("lindero", deadline=None)  # how fast the machine is says nothing of what is right
settings.load_profile("lindero")


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=None, help="how many builds tests/test_kill.py kills")


@pytest.fixture(autouse=True)
def _english():
    i18n.use("en")
    yield
    i18n.use(i18n.DEFAULT_LANGUAGE)


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path / "space")
