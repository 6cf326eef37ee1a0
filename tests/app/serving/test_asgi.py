"""What stands in folders and variables does not change how the server guards the map."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
from streamlit import config

from lindero.app.serving.streamlit_host import settings
from tests import http_answer, small_map

OPEN = """
[server]
enableCORS = false
enableXsrfProtection = false
enableAgentApi = true
enableStaticServing = true
scriptHealthCheckEnabled = true
baseUrlPath = "elsewhere"
corsAllowedOrigins = ["http://evil.example"]
[client]
showErrorDetails = "full"
showErrorLinks = true
allowedOrigins = ["http://evil.example"]
[logger]
level = "debug"
"""
SECRETS = '[auth]\ncookie_secret = "known to a stranger"\n'
WIDE = {
    "STREAMLIT_SERVER_ENABLE_CORS": "false",
    "STREAMLIT_SERVER_ENABLE_AGENT_API": "true",
    "STREAMLIT_SERVER_COOKIE_SECRET": "known to a stranger",
    "STREAMLIT_LOGGER_LEVEL": "debug",
}
# Says all settings as the server has them, once it listens.
SAY = """
import asyncio, atexit, json, os, sys
os.chdir({folder!r}); os.environ.update({environ!r})
from lindero.app.serving import asgi as server
def say(app_of):
    def application(*args, **kwargs):
        made = app_of(*args, **kwargs)
        from streamlit import config
        from streamlit.web.server.server_util import get_cookie_secret, is_xsrf_enabled
        told = {{name: repr(one.value) for name, one in config.get_config_options().items()}}
        told |= {{"secret": get_cookie_secret(), "xsrf": is_xsrf_enabled()}}
        open({file!r}, "w").write(json.dumps(told))
        return made
    return application
server.create_application = say(server.create_application)
"""


@pytest.fixture(scope="module", params=[OPEN, "[[["], ids=["open", "broken"])
def told(request, tmp_path_factory):
    """What is set where a stranger has had a say, here and at home, and the address of that server."""
    root = tmp_path_factory.mktemp("stranger")
    small_map.publish(root / "build")
    for folder in (root / ".streamlit", root / "home" / ".streamlit"):
        folder.mkdir(parents=True)
        folder.joinpath("config.toml").write_text(request.param)
        folder.joinpath("secrets.toml").write_text(SECRETS)
    environ = WIDE | {"HOME": str(root / "home"), "PYTHONPATH": os.pathsep.join(["", str(Path.cwd())])}
    before = SAY.format(folder=str(root), environ=environ, file=str(root / "told.json"))
    with small_map.serving(root / "build", before=before) as address:
        yield json.loads((root / "told.json").read_text()), address.removeprefix("http://")


def test_every_setting_is_ours_or_streamlit_s_default(told):
    given, own = told[0], {"secrets.files", "server.maxUploadSize", "server.cookieSecret"}
    for name, option in config._config_options_template.items():
        if name not in own and not name.startswith("theme."):
            assert given[name] == repr(settings.PINNED.get(name, option.value)), name
    assert given["secrets.files"] == "[]"


def test_no_secret_of_a_stranger_signs_cookies(told):
    assert "known to a stranger" not in told[0].values()
    assert told[0]["xsrf"] is True


def test_nothing_more_is_answered(told):
    ask = partial(http_answer.ask, told[1])

    assert ask("/_stcore/agent/interact", "POST").status in {403, 404}
    assert ask("/").getheader("access-control-allow-origin") is None
    assert ask("/health", Origin="http://evil.example").status == 403
    assert ask("/health").status == 200
