"""
The bill of materials of a release (CycloneDX 1.5, JSON), from the lock file and the vendored files.

No network is used.

`make sbom` writes it. It lists every package that a reader of the map needs, with version, hashes, condition and
dependents, and the scripts that browsers receive.
"""

import json
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "constraints-run.txt"
LICENCES = ROOT / "docs" / "licences.toml"
VENDORED = [ROOT / "lindero" / "app" / folder / "vendor" / "vendor.toml" for folder in ("static", "media/phone/client")]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^\s+#(?: via)?\s+([A-Za-z0-9._-]+)(?: \(pyproject\.toml\))?$")


def build_bill(
    lock: str, vendored: list[dict[str, str]], version: str, licences: dict[str, str] | None = None
) -> dict[str, object]:
    """Build the bill of materials from uv's lock file and the entries of `vendor.toml`, with `licences` by package."""
    components: list[dict[str, object]] = []
    needs: dict[str, list[str]] = {}
    for line in lock.splitlines():
        if pinned := _PINNED.match(line):
            name, exact, condition = pinned.groups()
            properties = [{"name": "python:marker", "value": condition}] if condition else []
            stated = [{"expression": licences[name]}] if licences and name in licences else []
            component = _component(name, exact, f"pkg:pypi/{name}@{exact}")
            components.append({**component, "licenses": stated, "properties": properties})
        elif found := _HASH.search(line):
            components[-1].setdefault("hashes", []).append({"alg": "SHA-256", "content": found[1]})  # type: ignore[attr-defined]
        elif (via := _VIA.match(line)) and components:
            needs.setdefault(via[1], []).append(str(components[-1]["bom-ref"]))
    for one in vendored:
        licence = [{"license": {"id": one["licence"]}}]
        purl = f"pkg:npm/{one['name']}@{one['version']}"
        components.append({**_component(one["name"], one["version"], purl), "licenses": licence})
    own = _component("lindero", version, f"pkg:pypi/lindero@{version}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {**own, "type": "application"}},
        "components": components,
        "dependencies": [
            {"ref": one["bom-ref"], "dependsOn": sorted(needs.get(str(one["name"]), []))} for one in [own, *components]
        ],
    }


def _component(name: str, version: str, purl: str) -> dict[str, object]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def main() -> None:
    """Write the bill of materials to standard output."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    vendored = [one for path in VENDORED for one in tomllib.loads(path.read_text(encoding="utf-8"))["package"]]
    licences = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
    json.dump(build_bill(LOCK.read_text(encoding="utf-8"), vendored, version, licences), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
