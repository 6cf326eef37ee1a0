"""Streamlit's settings. Files in `.streamlit` of the current and the home folder, and variables, are ignored.

A workspace may come from a stranger, and people start the server in its folder.
"""

import copy
from pathlib import Path

from streamlit import config
from streamlit.logger import set_log_level

from lindero.app.media import design

PINNED: dict[str, object] = {
    "browser.gatherUsageStats": False,
    "client.allowedOrigins": [],  # pages that may control the map by messages; Streamlit's default has its own services
    "client.disableDataExport": True,  # its CSV can pass formulas to spreadsheets; ui.tables.lists.offer_csv does not
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,  # links to Google and ChatGPT
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "logger.enableRich": False,  # it would print what app.serving.access.log leaves out
    "logger.level": "warning",
    "server.allowRunOnSave": False,
    "server.baseUrlPath": "",
    "server.corsAllowedOrigins": [],
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.scriptHealthCheckEnabled": False,
    "server.trustedUserHeaders": {},
    "server.unsafeMetricsUserAttributes": [],
    **design.streamlit_theme(),
}


def pin_settings(*, upload_mb: int, secrets: list[Path]) -> None:
    """Set every setting: those in `PINNED`, the largest upload, the file with login secrets, and defaults for the rest.

    Streamlit reads files and variables only while it has no settings. Therefore it receives a copy of its defaults.
    """
    config._config_options = copy.deepcopy(config._config_options_template)  # noqa: SLF001  there is no public way
    set_log_level("warning")  # Streamlit sets it only when it reads files
    settings = {"server.maxUploadSize": upload_mb, "secrets.files": [str(path) for path in secrets]}
    for name, value in (PINNED | settings).items():
        config.set_option(name, value)
