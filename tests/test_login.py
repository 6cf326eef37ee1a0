import inspect
import json

import pytest
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from app.serving import login

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
    login._settings.clear()


def scope(cookie: bytes | None) -> dict:
    headers = [] if cookie is None else [(b"cookie", login.USER_COOKIE_NAME.encode() + b"=" + cookie)]
    return {"type": "http", "path": "/tiles/map/0/0/0", "headers": headers}


def signed(secret: str, **told) -> bytes:
    return create_signed_value(secret, login.USER_COOKIE_NAME, json.dumps(told))


def test_streamlit_s_private_helper_is_as_it_was():
    assert list(inspect.signature(login.signed_cookie).parameters) == ["cookies", "cookie_name"]


def test_only_the_cookie_that_streamlit_signed_for_somebody_is_a_login():
    secret = get_cookie_secret()

    assert login.is_signed_in(scope(signed(secret, is_logged_in=True)))
    assert not login.is_signed_in(scope(signed(secret, is_logged_in=False)))
    assert not login.is_signed_in(scope(signed("another secret", is_logged_in=True)))
    assert not login.is_signed_in(scope(b"nonsense"))
    assert not login.is_signed_in(scope(None))


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


def test_settings_that_are_no_toml_are_refused(tmp_path):
    path = tmp_path / "login.toml"
    path.write_text("[auth")

    with pytest.raises(login.LoginError, match="cannot be read"):
        login.use(path)
    with pytest.raises(login.LoginError, match="cannot be read"):
        login.use(tmp_path / "none.toml")
