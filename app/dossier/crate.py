"""What each file of a dossier is, for programs: RO-Crate metadata 1.1 (https://w3id.org/ro/crate/1.1)."""

import datetime as dt
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from lindero.app.dossier.contents import Contents
from lindero.app.dossier.received import File
from lindero.app.output.plain import as_json

METADATA = "ro-crate-metadata.json"
_KINDS = {
    ".csv": "text/csv",
    ".gpkg": "application/geopackage+sqlite3",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}


def write(held: Contents, received: list[File], told: Mapping[str, str], payload: Path, *, today: dt.date) -> None:
    """
    Describe the files of a payload; `told` says in words what each is, by its path, and under `""` what the whole is.

    What others wrote goes in as values of JSON, where it is nothing but text.
    """
    files = sorted(path for path in payload.rglob("*") if path.is_file())
    of = {name: file for file in received for name in file.names}
    listed = [_file(path, payload, told, of) for path in files]
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{held.name} ({held.id})",
        "description": told[""],
        "datePublished": today.isoformat(),
        "license": {"@id": "#terms"},
        "hasPart": [{"@id": each["@id"]} for each in listed],
    }
    terms = sorted({f"{one.publisher}: {one.licence}" for one in held.sources})
    graph: list[dict[str, object]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        root,
        {"@id": "#terms", "@type": "CreativeWork", "name": "; ".join(terms) or "not stated"},
        {"@id": "#lindero", "@type": "SoftwareApplication", "name": "Lindero", "version": version("lindero")},
        {
            "@id": "#made",
            "@type": "CreateAction",
            "instrument": {"@id": "#lindero"},
            "object": [{"@id": each["@id"]} for each in listed if str(each["@id"]).startswith("received/")],
            "result": [{"@id": each["@id"]} for each in listed if str(each["@id"]).startswith("rows/")],
            "endTime": today.isoformat(),
        },
        *listed,
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    payload.joinpath(METADATA).write_text(as_json(document), encoding="utf-8")


def _file(path: Path, payload: Path, told: Mapping[str, str], received: Mapping[str, File]) -> dict[str, object]:
    name = path.relative_to(payload).as_posix()
    described: dict[str, object] = {
        "@id": name,
        "@type": "File",
        "name": told.get(name, path.name),
        "contentSize": str(path.stat().st_size),
        "encodingFormat": _KINDS.get(path.suffix, "application/octet-stream"),
    }
    if file := received.get(path.name):
        described |= {"name": file.source.title or path.name, "creditText": file.source.publisher}
        described |= {"sdDatePublished": str(file.source.retrieved_on)} if file.source.retrieved_on else {}
    return described
