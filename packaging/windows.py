r"""
Build a zip for Windows: Python's embeddable package, the locked wheels, Lindero's wheel, and start scripts.

    python -m build --wheel
    python packaging/windows.py --python python-3.12.10-embed-amd64.zip --python-sha256 HASH \
        --wheel dist/lindero-0.3.0-py3-none-any.whl lindero-windows.zip

The embeddable package and its hash come from python.org. Wheels come from pip's index, each verified against its hash
in the lock file. Nothing is compiled and no Windows program is run, so every system produces the same zip.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "constraints-run.txt"
TOP, PYTHON = "lindero", "lindero/python"
PACKAGES = f"{PYTHON}/Lib/site-packages"
STARTS = {
    "lindero.bat": '@echo off\n"%~dp0python\\python.exe" -X utf8 -m lindero.app.cli %*\n',
    "open-map.bat": '@echo off\nstart "" http://localhost:8501\ncall "%~dp0lindero.bat" serve %*\npause\n',
}
READ_ME = """\
Lindero for Windows. Unpack the whole folder first, then:

  open-map.bat      opens the demonstration map in the browser (reload the page after some seconds);
                    drop the folder of a workspace on it to open that
  lindero.bat       the command line: lindero.bat --help

Nothing is installed, and no right of an administrator is needed. To remove it, delete the folder.

Lindero para Windows. Descomprima primero toda la carpeta; open-map.bat abre el mapa de demostración en el navegador
(recargue la página tras unos segundos), o el espacio de trabajo cuya carpeta se suelte encima; lindero.bat es la línea
de comandos. No se instala nada; para quitarlo, borre la carpeta.
"""
_DAY = (1980, 1, 1, 0, 0, 0)  # of every entry: the same parts give the same zip


def list_requirements(lock: str, python: str) -> list[str]:
    """List the packages of a lock file that Windows needs, each with its hashes and without its condition."""
    machine = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"}
    machine |= {"python_version": python, "python_full_version": f"{python}.9"}
    machine |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    found = []
    for entry in re.findall(r"^\w[^\n]*(?:\\\n +--hash=\S+ *)+", lock, flags=re.MULTILINE):
        pinned, _, hashes = entry.replace("\\\n", " ").partition(" --hash=")
        name, _, marker = pinned.partition(";")
        if not marker.strip() or Marker(marker.strip()).evaluate(machine):
            found.append(f"{name.strip()} --hash={' '.join(hashes.split())}")
    return found


def download_wheels(lock: str, python: str, folder: Path) -> None:
    """
    Download the wheels for Windows into a folder with pip.

    It fails if a wheel is missing or has another hash.
    """
    listed = folder / "requirements.txt"
    listed.write_text("\n".join(list_requirements(lock, python)) + "\n", encoding="utf-8")
    of_windows = ["--platform", "win_amd64", "--python-version", python, "--implementation", "cp"]
    abis = [word for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for word in ("--abi", abi)]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip_options = ["--require-hashes", "--only-binary=:all:", "--dest", str(folder), "--requirement", str(listed)]
    subprocess.run([*pip, *of_windows, *abis, *pip_options], check=True)
    listed.unlink()


def read_version(embedded: zipfile.ZipFile) -> str:
    """Return the Python version of an embeddable package, such as 3.12, from the name of its path file."""
    found = [m for name in embedded.namelist() if (m := re.fullmatch(r"python(\d)(\d+)\._pth", name))]
    if len(found) != 1:
        raise SystemExit("this is no embeddable package of Python: it has no pythonXY._pth")
    return f"{found[0][1]}.{found[0][2]}"


def iter_files(embedded: zipfile.ZipFile, wheels: list[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the zip with its name."""
    stem = f"python{read_version(embedded).replace('.', '')}"
    for name in embedded.namelist():
        if not name.endswith("/") and name != f"{stem}._pth":
            yield f"{PYTHON}/{_inside(name)}", embedded.read(name)
    # a list of paths keeps everything else out: no variable and no registry adds a folder
    yield f"{PYTHON}/{stem}._pth", f"{stem}.zip\n.\nLib\\site-packages\n".replace("\n", "\r\n").encode()
    for wheel in sorted(wheels):
        with zipfile.ZipFile(wheel) as packed:
            for name in packed.namelist():
                if not name.endswith("/") and (place := _target_path(_inside(name))):
                    yield place, packed.read(name)
    for name, text in STARTS.items():
        yield f"{TOP}/{name}", text.replace("\n", "\r\n").encode()
    yield f"{TOP}/README.txt", READ_ME.replace("\n", "\r\n").encode("utf-8-sig")
    yield f"{TOP}/LICENSE.txt", ROOT.joinpath("LICENSE").read_bytes()


def _inside(name: str) -> str:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise SystemExit(f"{name} would lie outside the folder")
    return path.as_posix()


def _target_path(name: str) -> str:
    """Return the target path of a file in a wheel. It is empty for programs, which pip would generate."""
    data = re.fullmatch(r"[^/]+\.data/([^/]+)/(.+)", name)
    if data is None:
        return f"{PACKAGES}/{name}"
    return {"purelib": f"{PACKAGES}/{data[2]}", "platlib": f"{PACKAGES}/{data[2]}", "data": f"{PYTHON}/{data[2]}"}.get(
        data[1], ""
    )


def write_zip(output: Path, embedded: zipfile.ZipFile, wheels: list[Path]) -> str:
    """
    Write the zip, and return its hash.

    Two different files with one name are rejected, because the second would be lost.
    """
    names: dict[str, bytes] = {}
    with zipfile.ZipFile(output, "x", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in iter_files(embedded, wheels):
            if names.setdefault(name.lower(), content) is not content:
                if names[name.lower()] == content:
                    continue
                raise SystemExit(f"two packages hold {name}")
            packed.writestr(zipfile.ZipInfo(name, _DAY), content, zipfile.ZIP_DEFLATED)
    return hashlib.sha256(output.read_bytes()).hexdigest()


def main() -> None:
    """Parse the arguments, download the wheels, write the zip, and print its hash."""
    words = argparse.ArgumentParser(description="Make Lindero's zip for Windows.")
    words.add_argument("output", type=Path)
    words.add_argument("--python", type=Path, required=True, help="python-3.X.Y-embed-amd64.zip of python.org")
    words.add_argument("--python-sha256", required=True, help="its hash, as python.org gives it")
    words.add_argument("--wheel", type=Path, required=True, help="Lindero's own wheel")
    words.add_argument("--wheels", type=Path, help="a folder of the other wheels, if they are here already")
    arguments = words.parse_args()
    if hashlib.sha256(arguments.python.read_bytes()).hexdigest() != arguments.python_sha256.lower():
        raise SystemExit(f"{arguments.python} is not what its hash says")
    with zipfile.ZipFile(arguments.python) as embedded, tempfile.TemporaryDirectory() as fetched:
        if arguments.wheels is None:
            download_wheels(LOCK.read_text(encoding="utf-8"), read_version(embedded), Path(fetched))
        wheels = [arguments.wheel, *(arguments.wheels or Path(fetched)).glob("*.whl")]
        print(f"{write_zip(arguments.output, embedded, wheels)}  {arguments.output.name}")


if __name__ == "__main__":
    main()
