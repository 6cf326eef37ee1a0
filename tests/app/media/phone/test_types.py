"""The types that the client's modules state in their comments are those of what they do, as TypeScript reads them."""

import json
import subprocess
from pathlib import Path

import pytest

from lindero.app.media.court.page import CLIENT as DOSSIER
from lindero.app.media.phone.client_words import CLIENT
from tests.client import node
from tests.real_servers import INSTALLED, needed

pytestmark = pytest.mark.servers

OPTIONS = Path(__file__).parent / "tsconfig.json"
COMPILER = INSTALLED / "typescript" / "node_modules" / "typescript" / "bin" / "tsc"
BRIEF = (
    "--no-opt",
    "--max-semi-space-size=64",
)  # of node, which runs for seconds: to look for garbage takes a tenth of it
WRONG = """
import { geocentric } from "MODULE";
geocentric(-78.5, -6.9);
geocentric("west", 1);
"""


def test_no_module_does_other_than_its_types_say_and_what_does_is_found(tmp_path):
    needed(COMPILER.exists(), "npm's typescript")
    wrong, options = tmp_path / "wrong.js", tmp_path / "tsconfig.json"
    wrong.write_text(WRONG.replace("MODULE", str(CLIENT / "answer" / "geodesy.js")), encoding="utf-8")
    options.write_text(json.dumps({"extends": str(OPTIONS), "files": [wrong.name]}), encoding="utf-8")

    order = [node(), *BRIEF, str(COMPILER), "--project", str(options), "--listFiles"]
    done = subprocess.run(order, cwd=tmp_path, capture_output=True, text=True, check=False)

    told = done.stdout.splitlines()
    looked_into = {line for line in told if line.endswith(".js")}
    modules = {str(path) for folder in (CLIENT, DOSSIER) for path in folder.rglob("*.js")}
    assert looked_into == modules | {str(wrong)}
    assert [line.partition(":")[0] for line in told if ": error" in line] == ["wrong.js(4,12)"]
