"""A dossier as a folder, written atomically, with descriptions of its files."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from lindero.app.answers import invented
from lindero.app.media.court import bag, page, received, time_stamp
from lindero.app.media.court.contents import BOUNDARIES, COMMUNITY, OVERLAPS, OVERLAY_LAYERS, Contents, collect_contents
from lindero.app.media.court.received import DossierFile
from lindero.app.media.files.files import mixed_columns_to_text, to_csv
from lindero.app.media.files.plain import to_json
from lindero.app.media.paper.brief import community
from lindero.app.media.paper.typst_pdf import render_pdf
from lindero.app.text.i18n import _, format_number
from lindero.layers.database import map_database
from lindero.layers.disk import builds, folder_swap
from lindero.layers.errors import N_, PublishError
from lindero.layers.model.schema import COMMUNITIES, CRS
from lindero.layers.workspace.manifest_file import Workspace

METHODS = ("Edges", "Areas", "Overlaps", "Certainty", "Coverage", "Consultation", "Near")
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


def write_dossier(
    space: Workspace,
    community_id: str,
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    today: dt.date,
    ask: time_stamp.SendRequest | None = None,
) -> list[DossierFile]:
    """Write the dossier of a community into a new folder in the reader's language, and list its received files.

    The dossier is made from the map only, which contains public record and nothing of a vault. `ask` sends the query
    for a time stamp to a service.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PublishError(N_("{folder} is not an empty folder; choose a new one"), folder=folder)
    with map_database.connect(builds.current_map(space.build_folder), spatial=True) as con:
        content = collect_contents(con, community_id)
        brief = render_pdf(community.build_brief(con, content.id))
    folder = folder.absolute()
    try:
        with folder_swap.prepare_replacement(folder) as new:
            files = _write_payload(space, content, brief, new / bag.PAYLOAD, today=today)
            new.joinpath(page.NAME).write_text(page.render_page(), encoding="utf-8", newline="\n")
            bag.seal_bag(new, key, today=today, stamp=partial(time_stamp.request_stamp, ask=ask) if ask else None)
            new.chmod(0o755)
            folder_swap.sync_tree(new)
            folder_swap.replace_folder(new, folder)
    except (OSError, DataSourceError, DataLayerError, FeatureError) as error:
        why = getattr(error, "strerror", None) or error
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=folder, why=why) from error
    return files


def read_methods() -> str:
    """Read the sections of the methods docs that the figures of a dossier rest on."""
    text = resources.files(__package__).joinpath("methods.md").read_text(encoding="utf-8")
    head, *sections = re.split(r"(?m)^(?=## )", text)
    return head + "".join(part for part in sections if part.removeprefix("## ").startswith(METHODS))


def _write_payload(
    space: Workspace, content: Contents, brief: bytes, payload: Path, *, today: dt.date
) -> list[DossierFile]:
    rows, copies = payload / "rows", payload / received.FOLDER
    for directory in (payload, rows, copies):
        directory.mkdir()
    for name, table in content.rows.items():
        rows.joinpath(f"{name}.csv").write_text(to_csv(_drop_geometry(table)), encoding="utf-8-sig", newline="")
        if isinstance(table, gpd.GeoDataFrame) and len(table):
            _append_to_geopackage(table, rows / "dossier.gpkg", name)
    rows.joinpath(BOUNDARIES).write_text(_boundaries_geojson(content), encoding="utf-8", newline="\n")
    files = received.copy_open_files(space, content.sources, copies)
    received_table = received.build_table(files)
    copies.joinpath("received.csv").write_text(to_csv(received_table), encoding="utf-8-sig", newline="")
    warning = {"warning": invented.warning_text()} if content.is_invented else {}
    figures = {"community": content.id, "made_on": today, "figures": content.figures, "pairs": content.pairs, **warning}
    payload.joinpath("figures.json").write_text(to_json(figures), encoding="utf-8")
    payload.joinpath("methods.md").write_text(read_methods(), encoding="utf-8", newline="\n")
    payload.joinpath("brief.pdf").write_bytes(brief)
    descriptions = _describe_files()
    payload.joinpath("README.txt").write_text(
        _readme_text(content, descriptions, files), encoding="utf-8", newline="\n"
    )
    write_crate(content, files, descriptions, payload, today=today)
    return files


def _drop_geometry(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))


def _append_to_geopackage(table: gpd.GeoDataFrame, file: Path, name: str) -> None:
    pyogrio.write_dataframe(mixed_columns_to_text(table), file, layer=name, driver="GPKG", append=file.exists())


def _boundaries_geojson(content: Contents) -> str:
    """Return the boundaries that the overlaps are measured from as GeoJSON, in full precision."""
    layers = {COMMUNITIES.name: content.rows[COMMUNITY], **{name: content.rows[name] for name in OVERLAY_LAYERS}}
    parts = [rows[["id", "geometry"]].assign(layer=name) for name, rows in layers.items()]
    return str(gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS).to_json(drop_id=True))


def _describe_files() -> dict[str, str]:
    """Describe each file by its path."""
    return {
        "": _("What the registers show on the land of a community, with all the data and methods behind the figures."),
        "README.txt": _("What this is and how to check it"),
        "brief.pdf": _("The brief: the figures in words, with a map, to print"),
        "figures.json": _("Every figure, with its table and method"),
        "methods.md": _("The methods"),
        f"rows/{COMMUNITY}.csv": _("The community"),
        "rows/concessions.csv": _("Concessions on its land"),
        "rows/protected_areas.csv": _("Protected areas on its land"),
        f"rows/{OVERLAPS}.csv": _("The overlaps, one by one"),
        "rows/consultations.csv": _("Consultations on record"),
        "rows/attacks.csv": _("Attacks and conflicts of the public record near its land, as areas, never as points"),
        "rows/dossier.gpkg": _("The same tables with their boundaries, for a GIS"),
        f"rows/{BOUNDARIES}": _(
            "The boundaries from which check.html measures the overlaps, the same as in dossier.gpkg"
        ),
        f"{received.FOLDER}/received.csv": _("The files received, their hashes, and which of them are included"),
    }


def _readme_text(content: Contents, descriptions: dict[str, str], files: list[DossierFile]) -> str:
    included_count = sum(bool(file.names) for file in files)
    count_text = _(
        "Received files in this folder: {n} of {all}. For the others, the hash and the reason for "
        "leaving them out are listed."
    )
    return "\n".join(
        [
            f"{content.name} ({content.id})",
            "",
            *([invented.warning_text(), ""] if content.is_invented else []),
            descriptions[""],
            _("It does not say whether a concession is lawful: an overlap is a fact of geometry."),
            _(
                "A consultation that is not recorded may have been held. Nor does the missing record mean "
                "that one was required."
            ),
            _("Missing data does not mean that there is nothing: where no source has data, the map cannot know."),
            "",
            *(f"{name}: {text}" for name, text in descriptions.items() if name),
            "",
            count_text.format(n=format_number(included_count), all=format_number(len(files))),
            "",
            _("How to check it:"),
            _(
                "- without Lindero or a network: open check.html, next to this folder, in a browser; it "
                "also measures the overlaps again"
            ),
            _("- with Lindero: lindero verify FOLDER; it also measures the overlaps again"),
            _("- on any computer: sha256sum --check manifest-sha256.txt (the folder follows BagIt 1.0)"),
            "",
        ]
    )


# The description of a dossier's files for programs: RO-Crate metadata 1.1 (https://w3id.org/ro/crate/1.1).


def write_crate(
    content: Contents, received: list[DossierFile], descriptions: Mapping[str, str], payload: Path, *, today: dt.date
) -> None:
    """Describe the files of a payload for programs, as RO-Crate metadata.

    `descriptions` are texts by path; the text under an empty path describes the whole dossier.

    Text from other people is written as JSON strings, so it is never read as markup.
    """
    files = sorted(path for path in payload.rglob("*") if path.is_file())
    file_by_name = {name: file for file in received for name in file.names}
    entries = [_describe_file(path, payload, descriptions, file_by_name) for path in files]
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{content.name} ({content.id})",
        "description": descriptions[""],
        "datePublished": today.isoformat(),
        "license": {"@id": "#terms"},
        "hasPart": [{"@id": entry["@id"]} for entry in entries],
    }
    terms = sorted({f"{source.publisher}: {source.licence}" for source in content.sources})
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
            "object": [{"@id": entry["@id"]} for entry in entries if str(entry["@id"]).startswith("received/")],
            "result": [{"@id": entry["@id"]} for entry in entries if str(entry["@id"]).startswith("rows/")],
            "endTime": today.isoformat(),
        },
        *entries,
    ]
    document = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    payload.joinpath(METADATA).write_text(to_json(document), encoding="utf-8")


def _describe_file(
    path: Path, payload: Path, descriptions: Mapping[str, str], received: Mapping[str, DossierFile]
) -> dict[str, object]:
    name = path.relative_to(payload).as_posix()
    entry: dict[str, object] = {
        "@id": name,
        "@type": "File",
        "name": descriptions.get(name, path.name),
        "contentSize": str(path.stat().st_size),
        "encodingFormat": _KINDS.get(path.suffix, "application/octet-stream"),
    }
    if file := received.get(path.name):
        entry |= {"name": file.source.title or path.name, "creditText": file.source.publisher}
        entry |= {"sdDatePublished": str(file.source.retrieved_on)} if file.source.retrieved_on else {}
    return entry
