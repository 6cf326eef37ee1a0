"""Build a demonstration map: an invented territory of a country, as a workspace.

The same seed gives the same bytes. The demonstration of the program is in `data/demo`. To write it again, run
`python -m lindero.data.make_demo` in the project's folder.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from lindero.data.demo_parts import cases, communities, concessions, incidents, protected_areas, words
from lindero.data.demo_parts.registers import (
    Record,
    SourceFile,
    encode_manifest,
    replace_ids,
    to_csv,
    to_geojson,
    to_register_form,
)
from lindero.data.demo_parts.shapes import Honeycomb
from lindero.data.demo_parts.territories import Setting, load_setting
from lindero.layers.disk import format_version
from lindero.layers.reference import packs
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import Workspace

SEED = "Lindero 2026"
DEMO = Path(__file__).parent / "demo"
SPACING = 0.8  # of the territory's radius: distance between their centres
ACCURACY_M = 100


def invent_provinces(rng: Random, setting: Setting) -> list[Record]:
    """Generate the provinces of every territory. Each boundary is drawn once."""
    names = words.place_names(rng, setting.words["names"])
    records: list[Record] = []
    for territory in setting.territories:
        comb = Honeycomb(rng, territory.centre, territory.radius_m * SPACING, surveyed_twice=0)
        for number, cell in enumerate(comb.cells_in_radius(territory.radius_m), start=1):
            records.append(
                {
                    "code": f"INV-PRO-{territory.code}-{number}",
                    "name": next(names),
                    "level": "province",
                    "parent_name": territory.region,
                    "country": setting.country,
                    "boundary_accuracy_m": ACCURACY_M,
                    "invented": True,
                    "geometry": territory.to_degrees(comb.outline([cell])),
                }
            )
    return records


def invent_records(seed: str, setting: Setting) -> dict[tuple[str, date], list[Record]]:
    """Generate the rows of every layer, by layer and snapshot. Each part has its own random generator."""

    def create_generator(part: str) -> Random:
        return Random(f"{seed}: {part}")

    before, now = concessions.invent_snapshots(create_generator("concessions"), setting)
    invented_communities = communities.invent_communities(create_generator("communities"), setting)
    events = incidents.invent_incidents(create_generator("incidents"), invented_communities, setting)
    today, words = concessions.NOW, setting.words
    return {
        ("concessions", concessions.BEFORE): [record.to_record() for record in before],
        ("concessions", today): [record.to_record() for record in now],
        ("communities", today): [record.to_record() for record in invented_communities],
        ("protected_areas", today): protected_areas.invent_areas(create_generator("protected areas"), setting),
        ("regions", today): invent_provinces(create_generator("provinces"), setting),
        ("incidents", today): [record.to_record() for record in events],
        ("acts", today): incidents.list_acts(events),
        ("victims", today): cases.invent_victims(create_generator("victims"), events),
        ("case_steps", today): cases.invent_steps(create_generator("case steps"), events, words["courts"]),
        ("protection_measures", today): cases.invent_measures(create_generator("protection measures"), events, words),
        ("consultations", today): cases.invent_consultations(
            create_generator("consultations"), invented_communities, now, words
        ),
    }


def build_workspace(seed: str, setting: Setting, *, registers: bool = True) -> dict[str, bytes]:
    """Return the files of the workspace by their paths in its folder.

    With `registers`, concessions, communities and protected areas are written as the registers of the country are.
    """
    contents: dict[str, bytes] = {}
    entries: list[Record] = []
    new_ids: dict[str, str] = {}
    for (layer, day), rows in invent_records(seed, setting).items():
        plain = SourceFile(f"demo-{layer.replace('_', '-')}", _title(layer, setting), rows)
        sources = to_register_form(setting, layer, day, plain, new_ids) if registers else [plain]
        for source in sources:
            spatial = "geometry" in source.rows[0]
            stem = layer if source is plain else source.id.removeprefix("demo-")
            path = f"files/{stem}-{day}.{'geojson' if spatial else 'csv'}"
            written = replace_ids(source.rows, new_ids)
            contents[path] = to_geojson(written, empty=source.empty) if spatial else to_csv(written)
            entries.append(_source_entry(setting, source, layer, day, path))
    about: dict[str, Any] = {"name": "demo"} if not registers else {"format": format_version.MANIFEST}
    about |= {"title": setting.words["title"], "country": setting.country}
    watches = (
        {"watches.toml": setting.words["watches"].encode()} if "watches" in setting.words and not registers else {}
    )
    return {**contents, "lindero.toml": encode_manifest(about, entries, contents), **watches}


def write_workspace(folder: Path, setting: Setting) -> Workspace:
    """Write a demonstration as a workspace."""
    manifest_file.create_workspace(folder, title=setting.words["title"], country=setting.country)
    for path, content in build_workspace(SEED, setting).items():
        folder.joinpath(path).write_bytes(content)
    manifest_file.store_manifest_hash(folder)
    return manifest_file.load_workspace(folder)


def _title(layer: str, setting: Setting) -> str:
    """Return the title of a layer; that of the regions is the country's word for areas of the second level."""
    country = packs.load_country(setting.country)
    levels: Mapping[str, tuple[str, str]] = country.levels.get(next(iter(country.languages), ""), {})
    word = levels["province"][1].capitalize() if layer == "regions" and "province" in levels else ""
    return word or str(setting.words["titles"][layer])


def _source_entry(setting: Setting, source: SourceFile, layer: str, day: date, path: str) -> Record:
    regions = [territory.coverage for territory in setting.territories if territory.coverage]
    return {
        "id": source.id,
        "layer": layer,
        "file": path,
        "title": source.title,
        "publisher": setting.words["publisher"],
        "licence": "CC0-1.0",
        "retrieved_on": day,
        "snapshot_on": day,
        "invented": True,
        "comparable": True,  # a small register changes by more than the guard allows
        "coverage": setting.words.get("coverage", ", ".join(regions)),
        **source.options,
    }


def main() -> None:
    """Write the workspace to `data/demo`, over the existing one."""
    country = tomllib.loads(DEMO.joinpath("lindero.toml").read_text(encoding="utf-8"))["workspace"]["country"]
    for path, content in build_workspace(SEED, load_setting(country), registers=False).items():
        target = DEMO / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{target.name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
