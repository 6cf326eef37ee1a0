"""
Run the notebooks of docs/notebooks like a Python kernel, and write their outputs into them.

    python -m docs.notebooks

Lines that start with `!` are shell commands, as in IPython. Maps would be megabytes, so only their text is written. A
reader who runs a notebook sees the maps.
"""

import ast
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "notebooks"
PROGRAMS = Path(sys.executable).parent
_MOST = 20_000  # letters kept of a table
_COMMAND = re.compile(r"^!(.+)$", re.MULTILINE)


def list_notebooks() -> list[Path]:
    """List the notebooks."""
    return sorted(FOLDER.glob("*.ipynb"))


def run_notebook(path: Path, folder: Path, programs: Path = PROGRAMS) -> dict[str, Any]:
    """
    Run the cells of a notebook in order in `folder`, and return the notebook with their outputs.

    Its commands are searched in `programs` first. By default, `lindero` is the command of this Python.

    Raises
    ------
    Exception
        Any exception of a cell. A command that fails raises CalledProcessError.
    """
    held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__", "_shell": partial(_shell, programs)}
    cells = [cell for cell in held["cells"] if cell["cell_type"] == "code"]
    with contextlib.chdir(folder):
        for number, cell in enumerate(cells, 1):
            cell["execution_count"] = number
            cell["outputs"] = list(_outputs("".join(cell["source"]), names, number))
    return held


def _outputs(source: str, names: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    tree = ast.parse(_COMMAND.sub(lambda found: f"_shell({found[1]!r})", source))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, f"cell {number}", "exec"), names)
        value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names) if last else None
    if printed.getvalue():
        yield {"output_type": "stream", "name": "stdout", "text": printed.getvalue().splitlines(keepends=True)}
    if value is not None:
        yield {
            "output_type": "execute_result",
            "execution_count": number,
            "metadata": {},
            "data": _format_output(value),
        }


def _format_output(value: Any) -> dict[str, Any]:
    html = value._repr_html_() if hasattr(value, "_repr_html_") else None
    data = {"text/plain": re.sub(r" at 0x\w+", "", repr(value)).splitlines(keepends=True)}
    return data | ({"text/html": html.splitlines(keepends=True)} if html and len(html) < _MOST else {})


def _shell(programs: Path, command: str) -> None:
    """Run a command and print its output."""
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    completed = subprocess.run(
        command,
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PATH": path, "LINDERO_LANG": "en"},
    )
    sys.stdout.write(completed.stdout + completed.stderr)
    completed.check_returncode()


def main() -> None:
    """Run all notebooks, and write their outputs."""
    for path in list_notebooks():
        with tempfile.TemporaryDirectory() as folder:
            notebook = run_notebook(path, Path(folder))
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(path.name)


if __name__ == "__main__":
    main()
