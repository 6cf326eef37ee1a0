"""What a publication is, in schema.org's words: for machines that look for data sets, inside its page."""

import json
from collections.abc import Collection

from lindero.app.output.symbols import label
from lindero.app.publication.select import Publication

FILES = {
    "map.gpkg": "application/geopackage+sqlite3",
    "map.duckdb": "application/vnd.duckdb",
    "map.pmtiles": "application/vnd.pmtiles",
    "datapackage.json": "application/json",
}
"""The files of a publication that hold all of it, and what each is."""

_PLACED = frozenset({"concessions", "protected_areas", "communities", "mining_scars", "incidents"})


def dataset(pub: Publication, files: Collection[str]) -> str:
    """Describe a publication and the `files` that it has as a `Dataset`, as JSON that may stand in a page."""
    held = [f"{label(name)}: {len(rows)}" for name, rows in pub.layers.items() if name in _PLACED]
    publishers = sorted(set(pub.sources["publisher"].dropna()))
    told = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": pub.title,
        "description": ". ".join([pub.title, "; ".join(held)]),
        "datePublished": pub.published_on.isoformat(),
        "license": sorted(set(pub.sources["licence"].dropna())),
        "creator": [{"@type": "Organization", "name": name} for name in publishers],
        "isAccessibleForFree": True,
        "distribution": [
            {"@type": "DataDownload", "contentUrl": name, "encodingFormat": kind}
            for name, kind in FILES.items()
            if name in files
        ],
    }
    return json.dumps(told, ensure_ascii=False, default=str).replace("<", "\\u003c")
