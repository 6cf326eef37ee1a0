"""
Make the demonstration map: an invented territory, as a workspace in `data/demo`.

The same seed gives the same bytes. Run it from the project's folder: `python -m lindero.data.make_demo`.
"""

from datetime import date
from pathlib import Path
from random import Random

from lindero.data.demo_parts import cases, communities, concessions, files, incidents, protected_areas, provinces

SEED = "Lindero 2026"
DEMO = Path(__file__).parent / "demo"
COVERED = "PE-CAJ, PE-JUN, PE-LOR, PE-MDD, PE-APU, PE-CUS"  # where territories are invented, and nowhere else
TITLES = {
    "concessions": "Concesiones (inventadas)",
    "communities": "Comunidades (inventadas)",
    "protected_areas": "Áreas protegidas (inventadas)",
    "regions": "Provincias (inventadas)",
    "incidents": "Ataques a personas defensoras (inventados)",
    "acts": "Actos de cada ataque (inventados)",
    "victims": "Personas afectadas (inventadas)",
    "case_steps": "Pasos de los casos (inventados)",
    "protection_measures": "Medidas de protección (inventadas)",
    "consultations": "Consultas (inventadas)",
}


def records(seed: str) -> dict[tuple[str, date], list[files.Record]]:
    """Invent every layer's rows, by layer and snapshot; each part draws from its own generator."""

    def draw(part: str) -> Random:
        return Random(f"{seed}: {part}")

    before, now = concessions.snapshots(draw("concessions"))
    held = communities.invent(draw("communities"))
    events = incidents.invent(draw("incidents"), held)
    today = concessions.NOW
    return {
        ("concessions", concessions.BEFORE): [each.record() for each in before],
        ("concessions", today): [each.record() for each in now],
        ("communities", today): [each.record() for each in held],
        ("protected_areas", today): protected_areas.invent(draw("protected areas")),
        ("regions", today): provinces.invent(draw("provinces")),
        ("incidents", today): [each.record() for each in events],
        ("acts", today): incidents.acts(events),
        ("victims", today): cases.victims(draw("victims"), events),
        ("case_steps", today): cases.steps(draw("case steps"), events),
        ("protection_measures", today): cases.measures(draw("protection measures"), events),
        ("consultations", today): cases.consultations(draw("consultations"), held, now),
    }


def workspace(seed: str) -> dict[str, bytes]:
    """Return the workspace's files by their paths in its folder."""
    made: dict[str, bytes] = {}
    sources: list[files.Record] = []
    for (layer, day), rows in records(seed).items():
        spatial = "geometry" in rows[0]
        path = f"files/{layer}-{day}.{'geojson' if spatial else 'csv'}"
        made[path] = files.geojson(rows) if spatial else files.table(rows)
        sources.append(_source(layer, day, path))
    about = {"name": "demo", "title": "Mapa de demostración: todo es inventado", "country": "PE"}
    return {**made, "lindero.toml": files.manifest(about, sources, made)}


def _source(layer: str, day: date, path: str) -> files.Record:
    return {
        "id": f"demo-{layer.replace('_', '-')}",
        "layer": layer,
        "file": path,
        "title": TITLES[layer],
        "publisher": "Lindero (invented data)",
        "licence": "CC0-1.0",
        "retrieved_on": day,
        "snapshot_on": day,
        "invented": True,
        "coverage": COVERED,
    }


def main() -> None:
    """Write the workspace over the one in `data/demo`."""
    for path, content in workspace(SEED).items():
        target = DEMO / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        print(f"{target.name}: {len(content):,} bytes")


if __name__ == "__main__":
    main()
