"""The types that the client's modules state in their comments are those of what they do, as TypeScript reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lindero.app.products.pocket.client_words import CLIENT
from tests.client import node
from tests.real_servers import INSTALLED, needed

OPTIONS = Path(__file__).parent / "tsconfig.json"


@pytest.fixture
def checked():
    """Check the modules that an options file names; gives what is wrong with them."""
    compiler = INSTALLED / "typescript" / "node_modules" / "typescript" / "bin" / "tsc"
    needed(compiler.exists(), "npm's typescript")

    def run(options):
        done = subprocess.run(
            [node(), str(compiler), "--project", str(options)], capture_output=True, text=True, check=False
        )
        return done.stdout

    return run


def test_no_module_does_other_than_its_types_say(checked):
    assert checked(OPTIONS) == ""


def test_what_does_is_found(checked, tmp_path):
    module = tmp_path / "app" / "products" / "pocket" / "client" / "answer" / "geodesy.js"
    module.parent.mkdir(parents=True)
    written = CLIENT.joinpath("answer", module.name).read_text(encoding="utf-8")
    module.write_text(f"{written}\nconst wrong = geocentric('west', 1);\n", encoding="utf-8")
    options = tmp_path / "tests" / "app" / "products" / "pocket" / "tsconfig.json"
    options.parent.mkdir(parents=True)
    shutil.copy(OPTIONS, options)

    assert "answer/geodesy.js" in checked(options)
