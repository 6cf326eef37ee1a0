"""People of different rights on one map, by what a provider says of them: oidc-provider-mock, on this machine."""

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from lindero.layers.vault import vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from tests import small_map
from tests.browser.conftest import GO, Visit
from tests.browser.test_login_page import provider_of, settings_of
from tests.files import Files, concessions, geojson

if TYPE_CHECKING:
    from lindero.layers.workspace.manifest_file import Workspace

PEOPLE = [
    {"sub": "ana", "groups": ["casework"]},
    {"sub": "beto", "groups": ["field"]},
    {"sub": "carla", "groups": ["readers"]},
    {"sub": "dora"},
]
ROLES = """
[[role]]
may = ["accept", "vault"]
groups = ["casework"]

[[role]]
may = ["add"]
groups = ["field"]

[[role]]
may = ["see"]
groups = ["readers"]
"""
BANNER = "The vault is open"


@pytest.fixture(scope="module")
def roles(tmp_path_factory):
    file = tmp_path_factory.mktemp("file") / "roles.toml"
    file.write_text(ROLES)
    return file


@pytest.fixture(scope="module")
def address(tmp_path_factory, roles):
    from lindero.app.builder.build import build_map

    folder = tmp_path_factory.mktemp("roles")
    files = Files(folder / "space")
    files.add("concessions", concessions(1))
    space: Workspace = files.space
    build_map(space)
    held = Vault(vault_file.prepare_folder(space.folder), Key("0" * 64))
    vault_file.create_vault(held)
    port = small_map.free_port()
    with provider_of(*(part for one in PEOPLE for part in ("--user-claims", json.dumps(one)))) as provider:
        login = settings_of(folder, port, provider)
        served = {"port": port, "login": login, "roles": roles, "held": held, "operated": space.folder}
        with small_map.serving(space.build_folder, **served) as address:
            yield address


@pytest.fixture(scope="module")
def window(apart):
    """One for everybody in turn: it has the scripts of the page, and of nobody before the cookies."""
    context = apart.new_context(locale="en")
    yield context.new_page()
    context.close()


@pytest.fixture
def as_(window, address):
    def log_in(name):
        page = window
        page.context.clear_cookies()
        page.goto(address)
        page.get_by_role("link", name="Log in").click(timeout=60_000)
        page.get_by_placeholder("sub").fill(name)
        page.get_by_role("button", name="Authorize").click()
        return page

    return log_in


@pytest.mark.parametrize(
    ("name", "has_vault", "has_page"), [("ana", True, True), ("beto", False, True), ("carla", False, False)]
)
def test_who_logs_in_sees_what_their_role_lets_them(as_, address, roles, tmp_path, name, has_vault, has_page):
    page = as_(name)
    expect(page.get_by_role("heading", name="Near me")).to_be_visible()
    expect(page.get_by_text(BANNER)).to_have_count(int(has_vault))

    assert page.request.get(f"{address}/add").status == (200 if has_page else 404)
    if has_page:
        page.evaluate(GO, "/add")
        expect(page.locator("input[type=file]").first).to_be_attached()
    handed = page.request.put(f"{address}/_stcore/upload_file/a/b", data=b"x")
    assert handed.status == 403  # of the gate without a word, of Streamlit because no page of its own has asked
    assert ("XSRF" in handed.text()) is has_page
    if name == "beto":
        who_may_add_and_not_accept_is_told_so(page, tmp_path)
    if name == "carla":
        a_right_that_is_taken_away_while_the_map_is_served_is_gone_at_once(page, address, roles)


def who_may_add_and_not_accept_is_told_so(page, tmp_path):
    page.locator("input[type=file]").first.set_input_files(geojson(tmp_path / "c.geojson", concessions(2)))
    expect(page.get_by_test_id("stFileChipName")).to_have_text("c.geojson")
    reader = Visit(page)
    reader.choose(page.get_by_role("combobox").first, 1)
    reader.enter(page.get_by_role("textbox").first, "Ministerio")

    expect(page.get_by_text("ask a person who is allowed to accept files")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def a_right_that_is_taken_away_while_the_map_is_served_is_gone_at_once(page, address, roles):
    roles.write_text(ROLES.replace('groups = ["readers"]', 'groups = ["nobody"]'))
    try:
        assert page.request.get(f"{address}/here").status == 403
        page.goto(address)
        expect(page.get_by_text("nobody has given you the right")).to_be_visible()
    finally:
        roles.write_text(ROLES)
    page.reload()
    expect(page.get_by_role("heading", name="Near me")).to_be_visible()


def test_whom_nobody_gave_a_right_sees_nothing_and_can_log_out(as_, address):
    page = as_("dora")

    expect(page.get_by_text("nobody has given you the right")).to_be_visible()
    assert page.request.get(f"{address}/tiles/map/9/149/270").status == 403
    assert page.request.get(f"{address}/here").status == 403
    page.get_by_role("link", name="Log out").click()
    page.get_by_role("button", name="End session").click(timeout=60_000)
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
