"""
Build the demonstration map: an invented territory, as a workspace in `data/demo`.

The same seed gives the same bytes. Run it in the project's folder: `python -m lindero.data.make_demo`.
"""

from datetime import date
from pathlib import Path
from random import Random

from lindero.data.demo_parts import cases, communities, concessions, files, incidents, protected_areas, provinces

SEED = "Lindero 2026"
DEMO = Path(__file__).parent / "demo"
COVERED = "PE-CAJ, PE-JUN, PE-LOR, PE-MDD, PE-APU, PE-CUS"  # only these have invented territories
WATCHES = b"""\
# For `lindero watch --dry-run`. Only files are written; nobody is told.
[[watch]]
name = "Quellmiorco"
areas = ["community/demo-communities/INV-COM-CAJ-009"]
frequency = "weekly"
language = "en"
channel = "folder"
created_on = 2026-06-01
confirmed_on = 2026-06-01
"""
TITLES = {
    "concessions": "Concesiones",
    "communities": "Comunidades",
    "protected_areas": "Áreas protegidas",
    "regions": "Provincias",
    "incidents": "Ataques a personas defensoras",
    "acts": "Actos de cada ataque",
    "victims": "Personas atacadas",
    "case_steps": "Pasos de los casos",
    "protection_measures": "Medidas de protección",
    "consultations": "Consultas",
}


def invent_records(seed: str) -> dict[tuple[str, date], list[files.Record]]:
    """Generate the rows of every layer, by layer and snapshot. Each part has its own random generator."""

    def create_generator(part: str) -> Random:
        return Random(f"{seed}: {part}")

    before, now = concessions.invent_snapshots(create_generator("concessions"))
    invented_communities = communities.invent_communities(create_generator("communities"))
    events = incidents.invent_incidents(create_generator("incidents"), invented_communities)
    today = concessions.NOW
    return {
        ("concessions", concessions.BEFORE): [record.to_record() for record in before],
        ("concessions", today): [record.to_record() for record in now],
        ("communities", today): [record.to_record() for record in invented_communities],
        ("protected_areas", today): protected_areas.invent_areas(create_generator("protected areas")),
        ("regions", today): provinces.invent_provinces(create_generator("provinces")),
        ("incidents", today): [record.to_record() for record in events],
        ("acts", today): incidents.list_acts(events),
        ("victims", today): cases.invent_victims(create_generator("victims"), events),
        ("case_steps", today): cases.invent_steps(create_generator("case steps"), events),
        ("protection_measures", today): cases.invent_measures(create_generator("protection measures"), events),
        ("consultations", today): cases.invent_consultations(
            create_generator("consultations"), invented_communities, now
        ),
    }


def build_workspace(seed: str) -> dict[str, bytes]:
    """Return the files of the workspace by their paths in its folder."""
    contents: dict[str, bytes] = {}
    sources: list[files.Record] = []
    for (layer, day), rows in invent_records(seed).items():
        spatial = "geometry" in rows[0]
        path = f"files/{layer}-{day}.{'geojson' if spatial else 'csv'}"
        contents[path] = files.to_geojson(rows) if spatial else files.to_csv(rows)
        sources.append(_source_entry(layer, day, path))
    about = {"name": "demo", "title": "Mapa de demostración: todo es inventado", "country": "PE"}
    return {**contents, "lindero.toml": files.encode_manifest(about, sources, contents), "watches.toml": WATCHES}


def _source_entry(layer: str, day: date, path: str) -> files.Record:
    return {
        "id": f"demo-{layer.replace('_', '-')}",
        "layer": layer,
        "file": path,
        "title": TITLES[layer],
        "publisher": "Lindero (datos inventados)",
        "licence": "CC0-1.0",
        "retrieved_on": day,
        "snapshot_on": day,
        "invented": True,
        "coverage": COVERED,
    }


def main() -> None:
    """Write the workspace to `data/demo`, over the existing one."""
    for path, content in build_workspace(SEED).items():
        target = DEMO / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{target.name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
