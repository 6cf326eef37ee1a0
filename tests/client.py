"""The pocket map's client, asked by node: the same modules that a browser runs."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.real_servers import needed

DRIVE = Path(__file__).parent / "app" / "media" / "phone" / "drive.mjs"


def node() -> str:
    """Give the path of node."""
    path = shutil.which("node")
    needed(path, "node")
    return str(path)


def ask(what: str, cases: list, *, page: Path | None = None, drive: Path = DRIVE) -> list:
    """
    Ask one thing of many cases; `page` is a pack, or the first page of a site, where it is asked of one.

    `drive` is what asks the modules: of the pocket map, or of another page.
    """
    asked = json.dumps({"what": what, "cases": cases, "page": None if page is None else str(page)})
    done = subprocess.run([node(), str(drive)], input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
