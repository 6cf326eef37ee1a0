"""
The parts in which tests are run: `make test` runs those of no part, `make test-NAME` those of one.

A test belongs to a part by its marker. Tests that open a browser need none: they belong to `browser`, but for the
journeys of users.
"""

import pytest

PARTS = {
    "browser": "opens pages in Chromium or Firefox",
    "servers": "runs programs of others, whole installations, or our server under load",
    "kills": "kills processes, again and again",
    "statistics": "draws many worlds, files or bytes at random",
}
JOURNEY = "journey"
BROWSERS = {"chromiums", "firefoxes"}


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for name, told in PARTS.items():
        config.addinivalue_line("markers", f"{name}: {told} (make test-{name})")
    config.addinivalue_line("markers", f"{JOURNEY}: a user's way through the pages, which make test runs, too")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser."""
    for item in items:
        if BROWSERS.intersection(getattr(item, "fixturenames", ())) and not item.get_closest_marker(JOURNEY):
            item.add_marker("browser")
