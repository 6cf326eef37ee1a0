"""What operators are told: every setting in one table, a bill of materials of what they run, and whom to tell of a hole."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from lindero.app.commands.index import program

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
SETTING = re.compile(r"LINDERO_[A-Z_]+")


def test_every_setting_of_the_environment_is_in_the_table_and_no_other():
    code = [
        path.read_text(encoding="utf-8")
        for name in ("app", "geo", "layers", "machine")
        for path in (ROOT / "lindero" / name).rglob("*.py")
    ]
    read = {name for text in code for name in SETTING.findall(text)}
    table = {
        name for line in GUIDE.splitlines() if line.startswith("| `LINDERO_") for name in SETTING.findall(line)[:1]
    }

    assert table == read


def test_every_option_of_serve_is_in_the_table():
    options = {
        name
        for one in typer.main.get_command(program).commands["serve"].params
        for name in one.opts
        if name.startswith("--")
    }

    assert {"--vault", "--operator", "--port"} <= options
    assert {name for name in options if f"| `serve {name}`" not in GUIDE} == set()


@pytest.fixture(scope="module")
def bill():
    told = subprocess.run([sys.executable, "-m", "docs.sbom"], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def test_the_bill_of_materials_names_all_that_is_locked_with_its_hashes(bill):
    lock = (ROOT / "constraints-run.txt").read_text(encoding="utf-8")
    pinned = {
        tuple(line.split()[0].split("=="))
        for line in lock.splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    packages = {(one["name"], one["version"]): one for one in bill["components"] if one["purl"].startswith("pkg:pypi/")}

    assert packages.keys() == pinned
    assert sum(len(one["hashes"]) for one in packages.values()) == lock.count("--hash=sha256:")
    assert {one["name"] for one in bill["components"] if one["purl"].startswith("pkg:npm/")} == {
        "@mapbox/vector-tile",
        "fflate",
        "leaflet",
        "lean-qr",
        "material-symbols",
        "pbf",
        "protomaps-leaflet",
    }


def test_the_bill_of_materials_names_the_licence_of_each(bill):
    assert [one["name"] for one in bill["components"] if not one.get("licenses")] == []


def test_the_bill_of_materials_tells_what_needs_what(bill):
    refs = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    names = {ref: [need.rpartition("@")[0] for need in needed] for ref, needed in needs.items()}

    assert needs.keys() == refs
    assert {need for needed in needs.values() for need in needed} <= refs
    assert "pkg:pypi/duckdb" in names[bill["metadata"]["component"]["bom-ref"]]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")


def test_who_finds_a_hole_is_told_whom_to_tell():
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")

    assert "Report a vulnerability" in told
    assert "SECURITY.md" in (ROOT / "README.md").read_text(encoding="utf-8")
