"""Login at a provider that speaks OpenID Connect in full and lets anybody in: oidc-provider-mock, on this machine."""

import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests import small_map

TILE = "/tiles/map/9/149/270"
FEED = "/feed/community/communities/1.atom"


@contextmanager
def provider_of(*options):
    """Run a provider; gives where it tells of itself."""
    port = small_map.free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "--port",
            str(port),
            "--host",
            "127.0.0.1",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
    for _ in range(300):
        try:
            urlopen(address, timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    yield address
    process.kill()
    process.wait()


def settings_of(folder, port, provider):
    """Write the settings of a login for a map at a port."""
    settings = folder / "login.toml"
    settings.write_text(f"""
[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "{"0123456789abcdef" * 2}"
client_id = "lindero"
client_secret = "a-secret"
server_metadata_url = "{provider}"
""")
    return settings


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    small_map.publish(folder / "build")
    port = small_map.free_port()
    with (
        provider_of() as provider,
        small_map.serving(folder / "build", port=port, login=settings_of(folder, port, provider)) as address,
    ):
        yield address


def test_who_has_not_logged_in_gets_nothing_of_the_map(browser, address):
    page = browser.new_context(locale="en").new_page()
    for path in (TILE, FEED, "/media/0.csv", "/tiles/base/0/0/0", "/static/js/index.js", "/_stcore/host-config"):
        assert page.request.get(f"{address}{path}").status == 401
    assert page.request.get(f"{address}/health").status == 200

    page.goto(f"{address}/sources")

    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.get_by_text("A register").count() == 0
    assert not page.evaluate(
        "heard => new Promise(heard => { const one = new WebSocket('/_stcore/stream', ['streamlit']);"
        " one.onopen = () => heard(true); one.onerror = () => heard(false); })"
    )
    page.context.close()


def test_who_logs_in_gets_pages_and_tiles_until_logging_out(apart, address):
    page = apart.new_context(locale="en").new_page()  # what the provider's pages ask for and do not find is not ours
    page.goto(address)
    page.get_by_role("link", name="Log in").click(timeout=60_000)
    page.get_by_placeholder("sub").fill("reader@example.org")
    page.get_by_role("button", name="Authorize").click()

    expect(page.get_by_role("heading", name="Near me")).to_be_visible()
    assert page.request.get(f"{address}{TILE}").status == 200
    assert page.request.get(f"{address}{FEED}").status != 401

    kept = {one["name"]: one["value"] for one in page.context.cookies()}
    stolen = "; ".join(f"{name}={value}" for name, value in kept.items())
    with page.expect_popup() as opened:  # of the same process, which has compiled the scripts of the page
        page.evaluate("address => void open(address)", address)
    other = opened.value
    expect(other.get_by_role("heading", name="Near me")).to_be_visible()

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="End session").click(timeout=60_000)  # the provider's own page
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    assert page.request.get(f"{address}{TILE}").status == 401
    assert page.request.get(f"{address}{TILE}", headers={"Cookie": stolen}).status == 401
    page.context.close()
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    with pytest.raises(InvalidStatus) as refused, connect(stream, additional_headers={"Cookie": stolen}):
        pass
    assert refused.value.response.status_code == 403
