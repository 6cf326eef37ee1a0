"""A dossier as a folder: written whole or not at all, with the words that say what each file is."""

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

from lindero.app.output.files import as_csv, with_texts
from lindero.app.output.plain import as_json
from lindero.app.products.brief import community
from lindero.app.products.dossier import bag, page, received, time_stamp
from lindero.app.products.dossier.contents import BOUNDARIES, COMMUNITY, LAID, OVERLAPS, Contents, contents
from lindero.app.products.dossier.received import File
from lindero.app.renderers.typst_pdf import pdf
from lindero.app.text.i18n import _, number
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


def write(
    space: Workspace,
    of: str,
    folder: Path,
    key: Ed25519PrivateKey,
    *,
    today: dt.date,
    ask: time_stamp.Ask | None = None,
) -> list[File]:
    """
    Write the dossier of a community into a new folder, in the reader's language; gives what of received files is in it.

    It is made from the map alone, which holds public record and nothing of a vault. `ask` brings the query for a time
    stamp to a service.

    Raises
    ------
    PublishError
        If there is anything in the folder already, or it cannot be written.
    AnswerError
        If the map holds no such community.
    SourceError
        If a received file is not as it was received.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PublishError(N_("{folder} holds something already; name a new folder"), folder=folder)
    with map_database.connect(builds.current_map(space.build_folder), spatial=True) as con:
        content = contents(con, of)
        brief = pdf(community.brief(con, content.id))
    folder = folder.absolute()
    try:
        with folder_swap.replacement(folder) as new:
            files = _payload(space, content, brief, new / bag.PAYLOAD, today=today)
            new.joinpath(page.NAME).write_text(page.page(), encoding="utf-8", newline="\n")
            bag.seal(new, key, today=today, stamp=partial(time_stamp.stamped, ask=ask) if ask else None)
            new.chmod(0o755)
            folder_swap.sync_all(new)
            folder_swap.put_in_place(new, folder)
    except (OSError, DataSourceError, DataLayerError, FeatureError) as error:
        why = getattr(error, "strerror", None) or error
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=folder, why=why) from error
    return files


def methods() -> str:
    """Give the sections of the methods that a dossier's figures rest on, as the docs have them."""
    text = resources.files(__package__).joinpath("methods.md").read_text(encoding="utf-8")
    head, *sections = re.split(r"(?m)^(?=## )", text)
    return head + "".join(part for part in sections if part.removeprefix("## ").startswith(METHODS))


def _payload(space: Workspace, content: Contents, brief: bytes, payload: Path, *, today: dt.date) -> list[File]:
    rows, copies = payload / "rows", payload / received.FOLDER
    for made in (payload, rows, copies):
        made.mkdir()
    for name, table in content.rows.items():
        rows.joinpath(f"{name}.csv").write_text(as_csv(_flat(table)), encoding="utf-8-sig", newline="")
        if isinstance(table, gpd.GeoDataFrame) and len(table):
            _to_geopackage(table, rows / "dossier.gpkg", name)
    rows.joinpath(BOUNDARIES).write_text(_boundaries(content), encoding="utf-8", newline="\n")
    files = received.copy_open_files(space, content.sources, copies)
    listed = received.table(files)
    copies.joinpath("received.csv").write_text(as_csv(listed), encoding="utf-8-sig", newline="")
    figures = {"community": content.id, "made_on": today, "figures": content.figures, "pairs": content.pairs}
    payload.joinpath("figures.json").write_text(as_json(figures), encoding="utf-8")
    payload.joinpath("methods.md").write_text(methods(), encoding="utf-8", newline="\n")
    payload.joinpath("brief.pdf").write_bytes(brief)
    descriptions = _descriptions()
    payload.joinpath("README.txt").write_text(_read_me(content, descriptions, files), encoding="utf-8", newline="\n")
    write_crate(content, files, descriptions, payload, today=today)
    return files


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore"))


def _to_geopackage(table: gpd.GeoDataFrame, file: Path, name: str) -> None:
    pyogrio.write_dataframe(with_texts(table), file, layer=name, driver="GPKG", append=file.exists())


def _boundaries(content: Contents) -> str:
    """Give as GeoJSON the boundaries that the overlaps are measured from, to the last digit."""
    layers = {COMMUNITIES.name: content.rows[COMMUNITY], **{name: content.rows[name] for name in LAID}}
    drawn = [rows[["id", "geometry"]].assign(layer=name) for name, rows in layers.items()]
    return str(gpd.GeoDataFrame(pd.concat(drawn, ignore_index=True), crs=CRS).to_json(drop_id=True))


def _descriptions() -> dict[str, str]:
    """Say what each file is, by its path."""
    return {
        "": _("What lies on the land of a community by the registers, with all that the figures rest on."),
        "README.txt": _("What this is, and how it is checked"),
        "brief.pdf": _("The brief: the figures in words, with a map, to print"),
        "figures.json": _("Every figure, with the table and the method that it comes from"),
        "methods.md": _("The methods"),
        f"rows/{COMMUNITY}.csv": _("The community"),
        "rows/concessions.csv": _("Concessions that lie on its land"),
        "rows/protected_areas.csv": _("Protected areas that lie on its land"),
        f"rows/{OVERLAPS}.csv": _("The overlaps, one by one"),
        "rows/consultations.csv": _("Consultations on record"),
        "rows/attacks.csv": _("Attacks and conflicts on public record near its land, by areas and never by points"),
        "rows/dossier.gpkg": _("The same tables with their boundaries, for a GIS"),
        f"rows/{BOUNDARIES}": _(
            "The boundaries that check.html measures the overlaps from, the same as in dossier.gpkg"
        ),
        f"{received.FOLDER}/received.csv": _("The files received, their hashes, and which of them are here"),
    }


def _read_me(content: Contents, descriptions: dict[str, str], files: list[File]) -> str:
    warning = _("Invented data: this map is a demonstration. What is marked as invented is no claim about the world.")
    passed = sum(bool(file.names) for file in files)
    count = _(
        "Received files in this folder: {n} of {all}; of the others the hash is listed, and why they are not here."
    )
    return "\n".join(
        [
            f"{content.name} ({content.id})",
            "",
            *([warning, ""] if content.is_invented else []),
            descriptions[""],
            _("Whether a concession is lawful is not in it: an overlap is a fact of geometry."),
            _("A consultation that is not on record may have been held; nor does it follow that one was owed."),
            _("No data is not none: where no source covers, the map cannot know."),
            "",
            *(f"{name}: {text}" for name, text in descriptions.items() if name),
            "",
            count.format(n=number(passed), all=number(len(files))),
            "",
            _("How it is checked:"),
            _(
                "- without Lindero and without a network: open check.html beside this folder in a browser, which "
                "measures the overlaps anew, too"
            ),
            _("- with Lindero: lindero verify FOLDER, which measures the overlaps anew, too"),
            _("- with any computer: sha256sum --check manifest-sha256.txt (the folder is a bag, BagIt 1.0)"),
            "",
        ]
    )


# What each file of a dossier is, for programs: RO-Crate metadata 1.1 (https://w3id.org/ro/crate/1.1).


def write_crate(
    content: Contents, received: list[File], descriptions: Mapping[str, str], payload: Path, *, today: dt.date
) -> None:
    """
    Describe the files of a payload.

    `descriptions` say in words what each is, by its path, and under `""` what the whole is.

    What others wrote goes in as values of JSON, where it is nothing but text.
    """
    files = sorted(path for path in payload.rglob("*") if path.is_file())
    of = {name: file for file in received for name in file.names}
    listed = [_file(path, payload, descriptions, of) for path in files]
    root: dict[str, object] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{content.name} ({content.id})",
        "description": descriptions[""],
        "datePublished": today.isoformat(),
        "license": {"@id": "#terms"},
        "hasPart": [{"@id": each["@id"]} for each in listed],
    }
    terms = sorted({f"{one.publisher}: {one.licence}" for one in content.sources})
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


def _file(
    path: Path, payload: Path, descriptions: Mapping[str, str], received: Mapping[str, File]
) -> dict[str, object]:
    name = path.relative_to(payload).as_posix()
    described: dict[str, object] = {
        "@id": name,
        "@type": "File",
        "name": descriptions.get(name, path.name),
        "contentSize": str(path.stat().st_size),
        "encodingFormat": _KINDS.get(path.suffix, "application/octet-stream"),
    }
    if file := received.get(path.name):
        described |= {"name": file.source.title or path.name, "creditText": file.source.publisher}
        described |= {"sdDatePublished": str(file.source.retrieved_on)} if file.source.retrieved_on else {}
    return described
