import re

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
        login.use_settings(path)
        assert login.current_settings() == login.LoginSettings(path, has_tls=has_tls, host=host)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        *(
            (rf"^{name}.*\n", "", rf"missing under \[auth\] in .*login.toml: {name}")
            for name in login.REQUIRED_SETTINGS
        ),
        ("0123456789abcdef", "hush", "shorter than 32"),
        ("http://localhost:8501", "http://[localhost", "redirect_uri"),
        (r"(?s)auth.*", "auth", "could not be read as login settings"),
    ],
)
def test_settings_that_lack_something_or_are_wrong_are_refused_and_no_secret_is_told(tmp_path, old, new, said):
    path = tmp_path / "login.toml"
    path.write_text(re.sub(old, new, SETTINGS, flags=re.MULTILINE))

    with pytest.raises(login.LoginError, match=said) as refused:
        login.use_settings(path)
    assert "hush" not in str(refused.value)


def test_settings_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(login.LoginError, match="could not be read as login settings"):
        login.use_settings(tmp_path / "none.toml")
