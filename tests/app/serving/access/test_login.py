import pytest

from lindero.app.serving.access import login

SETTINGS = """
[auth]
redirect_uri = "http://localhost:8501/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "lindero"
client_secret = "a-secret"
server_metadata_url = "http://localhost:9400/.well-known/openid-configuration"
"""


@pytest.fixture(autouse=True)
def _as_before():
    yield
    login._current.clear()


def test_a_login_by_tls_is_known_by_its_address(tmp_path):
    path = tmp_path / "login.toml"
    for address, has_tls, host in (
        ("http://localhost:8501", False, "localhost"),
        ("https://Map.example.org", True, "map.example.org"),
    ):
        path.write_text(SETTINGS.replace("http://localhost:8501", address))
        login.use(path)
        assert login.current() == login.Login(path, has_tls=has_tls, host=host)


@pytest.mark.parametrize("name", login.NEEDED)
def test_settings_that_lack_something_are_refused_by_its_name(tmp_path, name):
    path = tmp_path / "login.toml"
    path.write_text("\n".join(line for line in SETTINGS.splitlines() if not line.startswith(name)))

    with pytest.raises(login.LoginError, match=rf"login.toml lacks {name}"):
        login.use(path)


def test_a_short_secret_is_refused_and_not_told(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text(SETTINGS.replace("0123456789abcdef0123456789abcdef", "hush"))

    with pytest.raises(login.LoginError, match="shorter than 32") as refused:
        login.use(path)
    assert "hush" not in str(refused.value)


def test_an_address_that_is_none_is_refused(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text(SETTINGS.replace("http://localhost:8501", "http://[localhost"))

    with pytest.raises(login.LoginError, match="redirect_uri"):
        login.use(path)


def test_settings_that_are_no_toml_are_refused(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text("[auth")

    with pytest.raises(login.LoginError, match="cannot be read"):
        login.use(path)
    with pytest.raises(login.LoginError, match="cannot be read"):
        login.use(tmp_path / "none.toml")
