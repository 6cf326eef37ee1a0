"""Fixtures and options that several test modules share."""

import pytest

from app import i18n
from tests.files import Files


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
