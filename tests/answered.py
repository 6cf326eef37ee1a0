"""A page of the demonstration map, and what the command gives that the page says to type."""

import json
import shlex

from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from lindero.app.commands.index import program
from lindero.app.media.pages.current import open_map
from tests import app_page


def at_page(build_folder, name, **query) -> AppTest:
    """Open a page by the name of its module."""
    open_map.use_folder(build_folder)
    page = app_page.at_page(name, **query)
    assert not page.exception, page.exception[0].message
    return page


def typed(page: AppTest, folder, monkeypatch) -> dict:
    """Type the command of *How was this made?* in the workspace's folder; give what it answers."""
    box = next(box for box in page.expander if box.label == "How was this computed?")
    name, *arguments = shlex.split(box.text[0].value)
    assert name == "lindero"
    monkeypatch.chdir(folder)
    monkeypatch.delenv("LINDERO_WORKSPACE", raising=False)
    form = [] if "--format" in arguments else ["--format", "json"]
    result = CliRunner().invoke(program, [*arguments, *form])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
