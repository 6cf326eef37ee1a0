"""The folders that the program leaves of its own are those that the handbook says to delete."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = re.compile(r"\b(user_\w+_(?:path|dir)|site_\w+_(?:path|dir))\(")


def test_no_other_folder_of_the_user_is_written():
    code = [path for top in ("app", "geo", "layers", "machine") for path in (ROOT / "lindero" / top).rglob("*.py")]
    asked = {found for path in code for found in PLACES.findall(path.read_text(encoding="utf-8"))}
    section = (
        (ROOT / "docs/operating.md").read_text(encoding="utf-8").split("### Taking Lindero away")[1].split("###")[0]
    )

    assert asked == {"user_cache_path", "user_data_path"}
    assert "`~/.cache/lindero`" in section
    assert "`~/.local/share/lindero`" in section
    assert "signing-key.pem" in section
