"""
The parts in which tests are run: `make test` runs those of no part, `make test-NAME` those of one, `make release-check` those of `release`.

A test belongs to a part by its marker. Two need none: what opens a browser belongs to `browser`, but for the journeys
of users, and the folder `tests/real` is the part `real`.
"""

import pytest

PARTS = {
    "browser": "opens pages in Chromium or Firefox",
    "servers": "runs programs of others, whole installations, or our server under load",
    "real": "reads the real files of ../shared/data",
    "kills": "kills processes, again and again",
    "release": "asks for what only a release needs, such as every translation",
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
    """Mark what opens a browser, and what reads real files."""
    for item in items:
        if BROWSERS.intersection(getattr(item, "fixturenames", ())) and not item.get_closest_marker(JOURNEY):
            item.add_marker("browser")
        if item.path.parent.name == "real":
            item.add_marker("real")
