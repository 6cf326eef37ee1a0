"""Roles: who may do what on a map that asks for a login, held where each answer is made."""

import pytest

from lindero.app.media.pages.current import open_map, rights
from lindero.app.media.pages.current.rights import ACCEPT, ADD, ALL, NOBODY, SEE, VAULT, Person
from lindero.app.media.pages.frame import page
from lindero.app.serving import asgi
from lindero.app.serving.access import login, login_gate, roles
from lindero.app.serving.streamlit_host import inside
from lindero.layers.vault import journal, vault_file
from lindero.layers.vault.key_derivation import Key
from lindero.layers.vault.vault_file import Vault
from tests.app.serving.access.test_login_gate import Reader, logged_in, signed

FILE = """
person = "email"
groups = "realm_access.roles"
everybody = ["see"]

[[role]]
may = ["accept"]
people = ["ana@example.org"]

[[role]]
may = ["vault"]
groups = ["casework"]
"""


@pytest.fixture(autouse=True)
def _as_before():
    yield
    rights.use_roles(None)
    login._current.clear()
    open_map.set_operated_workspace(None)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "roles.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def of_file(written):
    return roles.read_roles(written(FILE))


def test_people_and_groups_get_the_rights_of_their_roles_and_what_these_bring_along(of_file):
    ana = {"email": "ana@example.org", "email_verified": True}

    assert of_file.find_person(ana) == Person("ana@example.org", frozenset({SEE, ADD, ACCEPT}))
    assert of_file.find_person(ana | {"realm_access": {"roles": ["casework"]}}).rights == ALL
    assert of_file.find_person({"realm_access": {"roles": "casework"}}).rights == {SEE, VAULT}


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": "stranger@example.org", "email_verified": True},
        {"email": "ana@example.org"},
        {"email": "ana@example.org", "email_verified": False},
        {"email": "ana@example.org", "email_verified": "true"},
        {"email": ["ana@example.org"], "email_verified": True},
        {"email": "Ana@example.org ", "email_verified": True},
        {"sub": "ana@example.org", "groups": ["casework"]},
        {"realm_access": ["casework"]},
        {"realm_access": {"roles": [None, 7, ""]}},
    ],
    ids=["nothing", "stranger", "unverified", "not verified", "a text", "a list", "spelt", "sub", "no path", "odd"],
)
def test_whoever_is_not_surely_known_gets_the_least(of_file, claims):
    assert of_file.find_person(claims).rights == {SEE}


def test_without_a_word_on_everybody_strangers_may_do_nothing(written):
    told = roles.read_roles(written('[[role]]\nmay = ["see"]\npeople = ["1"]'))

    assert told.find_person({"sub": "2"}).rights == frozenset()
    assert told.find_person({"sub": "1"}).rights == {SEE}


def test_a_claim_that_is_an_address_is_no_path(written):
    told = roles.read_roles(written('groups = "https://example.org/roles"\n[[role]]\nmay = ["see"]\ngroups = ["a"]'))

    assert told.find_person({"https://example.org/roles": ["a"]}).rights == {SEE}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[role", "could not be read as a roles file"),
        ("role = 1", "could not be read as a roles file"),
        ("role = [1]", "could not be read as a roles file"),
        ("person = 1", "could not be read as a roles file"),
        ('evrybody = ["see"]', "evrybody"),
        ('[[role]]\nmay = ["see"]\npersons = ["1"]', "persons"),
        ('everybody = ["all"]', "grants 'all', which is not a right"),
        ('everybody = "see"', "lists of texts"),
        ('[[role]]\nmay = ["see"]\npeople = [1]', "lists of texts"),
        ('[[role]]\nmay = ["see"]\npeople = [""]', "lists of texts"),
        ('everybody = ["publish"]', "but publishing is a command"),
    ],
)
def test_what_is_not_understood_is_refused_whole(written, text, said):
    with pytest.raises(login.LoginError, match=said):
        roles.read_roles(written(text))


def test_roles_without_a_login_are_refused(written, tmp_path):
    with pytest.raises(login.LoginError, match="--login"):
        asgi.serve(tmp_path, roles_file=written(FILE))


def test_the_gate_holds_people_to_their_rights(of_file):
    rights.use_roles(of_file)
    closed = login_gate.LoginGate(None, has_tls=False)
    seer = logged_in(closed, signed(email="someone"))
    adder = logged_in(closed, signed(email="ana@example.org", email_verified=True))

    assert seer.ask("/tiles/map/0/0/0")["status"] == 200
    assert seer.ask("/_stcore/upload_file/a/b")["status"] == 403
    assert adder.ask("/_stcore/upload_file/a/b")["status"] == 200


@pytest.mark.parametrize(
    "path", ["/", "/here", "/aqui", "/tiles/map/0/0/0", "/feed/x.atom", "/media/x", "/static/x.js"]
)
def test_who_has_no_right_gets_nothing_and_is_told_why(written, path):
    rights.use_roles(roles.read_roles(written("")))
    nobody = logged_in(login_gate.LoginGate(None, has_tls=False), signed(sub="1"))

    assert nobody.ask(path)["status"] == 403
    assert nobody.ask(path, accept="text/html")["status"] == 403
    assert nobody.ask("/_stcore/stream", kind="websocket")["type"] == "websocket.close"
    assert nobody.ask("/health")["status"] == 200
    assert nobody.ask(inside.LOGOUT)["status"] == 200


def test_what_answers_knows_who_asks(of_file):
    rights.use_roles(of_file)
    closed = login_gate.LoginGate(None, has_tls=False)
    heard = []

    class Listener(Reader):
        def during(self):
            heard.append(rights.current_person().name)

    logged_in(closed, signed(email="ana@example.org", email_verified=True))
    reader = Listener(closed, logged_in(closed, signed(email="ana@example.org", email_verified=True)).cookies)
    reader.ask("/_stcore/stream", kind="websocket", heard=[{"type": "websocket.receive"}])

    assert heard == ["ana@example.org"]
    assert rights.current_person() == NOBODY


READERS = '[[role]]\nmay = ["see"]\npeople = ["1", "2"]\n'


def changed(path, text):
    """Write a file anew, as an editor does: another file takes its place."""
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


@pytest.fixture
def running(written):
    path = written(READERS)
    of = roles.RolesFile(path)
    rights.use_roles(of.read())
    return path, login_gate.LoginGate(None, has_tls=False, roles=of)


def test_a_changed_file_holds_from_the_next_request_on(running):
    path, closed = running
    one, two = (logged_in(closed, signed(sub=name)) for name in "12")
    assert [reader.ask("/")["status"] for reader in (one, two)] == [200, 200]

    changed(path, '[[role]]\nmay = ["add"]\npeople = ["1"]\n')

    assert [reader.ask("/")["status"] for reader in (two, one)] == [403, 200]
    assert one.ask("/_stcore/upload_file/a/b")["status"] == 200


@pytest.mark.parametrize("text", [READERS.replace(', "2"', ""), READERS.replace("see", "add")], ids=["less", "more"])
def test_an_open_page_of_whoever_may_now_something_else_has_to_ask_anew(running, text):
    path, closed = running
    reader, other = (logged_in(closed, signed(sub=name)) for name in "21")
    message = {"type": "websocket.receive", "bytes": b"x"}
    assert reader.ask("/_stcore/stream", kind="websocket", heard=[message]) == message

    reader.during = lambda: changed(path, text)

    assert reader.ask("/_stcore/stream", kind="websocket", heard=[message])["type"] == "websocket.disconnect"
    if "see" in text:
        assert other.ask("/_stcore/stream", kind="websocket", heard=[message]) == message


@pytest.mark.parametrize("text", ["[role", 'everybody = ["publish"]', None], ids=["broken", "refused", "gone"])
def test_a_file_that_is_not_understood_any_more_changes_nothing_and_the_log_says_so(running, caplog, text):
    path, closed = running
    one, two = (logged_in(closed, signed(sub=name)) for name in "12")
    if text is None:
        path.unlink()
    else:
        changed(path, text)

    caplog.clear()  # that they have logged in is said, too, if a test before has begun the log
    with caplog.at_level("INFO", "lindero"):
        assert [reader.ask("/")["status"] for reader in (one, two, one)] == [200, 200, 200]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["The previous roles remain in force"]
    changed(path, READERS.replace(', "2"', ""))
    assert [reader.ask("/")["status"] for reader in (one, two)] == [200, 403]


def test_roles_that_changed_stand_in_the_journal_before_they_hold(running, tmp_path, monkeypatch):
    path, closed = running
    held = Vault(vault_file.prepare_folder(tmp_path), Key("0" * 64))
    vault_file.create_vault(held)
    open_map.use_folder(tmp_path / "build")
    reader = logged_in(closed, signed(sub="1"))
    noted = []
    monkeypatch.setattr(
        journal,
        "record_entry",
        lambda _folder, what, **about: noted.append((what, about, rights.person_from_claims({"sub": "1"}).rights)),
    )
    changed(path, '[[role]]\nmay = ["add"]\npeople = ["1"]\n')

    reader.ask("/")

    assert (journal.ROLE, {"may": "add, see", "people": "1", "groups": ""}, frozenset({SEE})) in noted
    assert rights.person_from_claims({"sub": "1"}).rights == {SEE, ADD}


def test_the_vault_and_the_page_for_files_are_for_those_who_may(of_file, tmp_path):
    rights.use_roles(of_file)
    held = Vault(vault_file.prepare_folder(tmp_path), Key("0" * 64))
    vault_file.create_vault(held)
    open_map.use_folder(tmp_path / "build", held)
    open_map.set_operated_workspace(tmp_path)

    for may, private, paths in (
        ({SEE}, False, set()),
        ({SEE, ADD}, False, {"add"}),
        ({SEE, VAULT}, True, set()),
    ):
        with rights.use_person(Person("", frozenset(may))):
            assert open_map.current_map().is_private is private
            assert (open_map.operated_workspace() is not None) is bool(paths)
            assert (
                set(page.page_titles(is_operated=open_map.operated_workspace() is not None)) - set(page.VIEWS) == paths
            )
    assert not open_map.current_map().is_private  # asked by nobody that is known
    rights.use_roles(None)
    assert open_map.current_map().is_private  # without roles as before


SETTINGS = """
[auth]
redirect_uri = "https://Map.example.org/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "lindero"
client_secret = "a-secret"
server_metadata_url = "http://localhost:9400/.well-known/openid-configuration"
"""


def test_behind_a_web_server_the_map_answers_by_the_name_of_its_login(tmp_path, of_file):
    file = tmp_path / "login.toml"
    file.write_text(SETTINGS)
    assert asgi._accepted_hosts(is_of_people=False) == asgi.LOOPBACK
    login.use_settings(file)

    assert "map.example.org" in asgi._accepted_hosts(is_of_people=False)
    assert asgi._accepted_hosts(is_of_people=True) == asgi.LOOPBACK  # the vault, and what adds, by roles alone
    rights.use_roles(of_file)
    assert "map.example.org" in asgi._accepted_hosts(is_of_people=True)
