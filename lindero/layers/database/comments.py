"""Comments on every table, view and column of a map, written into the database for people who query it with SQL.

`docs/data-model.md` is generated from them (`python -m docs.model`). A test checks that no comment is missing.
"""

from collections.abc import Iterator

from lindero.layers.database import literals
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.model.schema import LAYERS, TABLES, VOCABULARY_TABLE

VIEWS = {f"current_{name}": name for name in LAYERS}
"""Views by name. The value is the layer; the view shows the rows of its latest snapshots."""

TABLE_COMMENTS: dict[str, str] = {
    "concessions": "Concessions of every snapshot: rights to explore or extract, from a state register",
    "protected_areas": "Protected areas of every snapshot; buffer zones are separate rows",
    "communities": "Communities of every snapshot: areas, points if the area is not known, or no geometry",
    "regions": "Administrative areas of every snapshot",
    "mining_scars": "Mining scars of every snapshot: patches of bare ground detected in satellite images",
    "places": "Settlements of every snapshot",
    "incidents": "Attacks and conflicts of every snapshot; an attack is one with an act",
    "acts": "Acts of violence in incidents, one row per act",
    "victims": "Groups of people attacked in incidents: counted, never named",
    "case_steps": "Steps of the court cases of incidents",
    "protection_measures": "Protection requested after incidents, and its result",
    "consultations": "Acts of the State, and whether communities were consulted about them",
    "commitments": "Promises and obligations of States that the workspace adds",
    "sources": "Snapshots of sources: origin of the rows, and counts of rows kept, repaired and rejected",
    "rejects": "Rejected rows, and the reason",
    "refused": "Rejected rows that may be shown, with their name and likely geometry",
    "repairs": "Rows with a repaired geometry",
    "findings": "Findings in rows, or in a whole file (row 0)",
    "overlap_pairs": "Pairs of polygons of two layers that share at least 0.01 ha",
    "footprints": "Area of each feature that another layer covers",
    "overlap_totals": "Totals of all pairs of two layers",
    "exposure": "Area of each community under concessions in force, with its range",
    "exposure_parts": "Area of each community under concessions in force, by kind and by status",
    "cells": "Hectares of concessions on community land, by H3 cell",
    "coverage": "Where each snapshot of each source has data",
    "same_incidents": "Incidents that a person confirmed to be the same one",
    "vocabularies": "The codes allowed in coded columns",
}
COLUMN_COMMENTS: dict[str, str] = {  # of every table that has it, unless `TABLE_COLUMN_COMMENTS` says otherwise
    "id": "SOURCE/CODE: the same in every snapshot; id and snapshot_on together identify a row",
    "source_id": "Id of the source, as in the table sources",
    "snapshot_on": "Date of the snapshot, or the date on which it was received",
    "row_number": "Number of the row in the received file, from 1",
    "invented": "True for invented demonstration data",
    "geometry": "Geometry in longitude and latitude, WGS 84 (OGC:CRS84)",
    "xmin": "West edge of the bounding box, in degrees",
    "ymin": "South edge of the bounding box, in degrees",
    "xmax": "East edge of the bounding box, in degrees",
    "ymax": "North edge of the bounding box, in degrees",
    "code": "Code in the register",
    "name": "Name as written in the source",
    "holder": "Holder of the concession, as written in the register",
    "land_ha": "Hectares of the community's land as drawn",
    "titles": "Number of concessions that overlap the land",
    "title_ha": "Hectares under concession, overlapping concessions counted once",
    "share_low": "Share with all boundaries moved inward by their accuracies",
    "share_high": "Share with all boundaries moved outward by their accuracies",
    "split_by": "What the parts are split by: kind or status",
    "kind": "Purpose, as a code of concession_kind",
    "substance": "Mineral or product, as written",
    "status": "Status in the register, as a code",
    "applied_on": "Date of the application",
    "granted_on": "Date of the grant",
    "expires_on": "Date of expiry",
    "area_official_ha": "Hectares stated by the source",
    "area_ha": "Hectares of the geometry, computed on the ellipsoid",
    "boundary_accuracy_m": "Accuracy of the boundary in metres; missing if nobody states it",
    "designation": "Kind of protection, as written",
    "iucn_category": "IUCN category, as a code",
    "governance": "Who governs it, as a code",
    "established_on": "Date of establishment",
    "zone": "Core or buffer",
    "people": "Indigenous people or other, as written",
    "type": "Type, as a code",
    "recognition": "State recognition of the land, as a code",
    "population": "People living there, as stated",
    "level": "Country, department, province or district",
    "parent_name": "Name of the region that contains it",
    "country": "ISO 3166-1 alpha-2",
    "observed_on": "Date of the observation, or the first date of the period",
    "mined_ha": "Hectares mined, stated by the source: not the area of the patch",
    "region": "Region, spelt as in the gazetteer if it is listed there",
    "title": "Title",
    "occurred_on": "Date, or the first possible date",
    "date_precision": "Precision of the date, as a code",
    "place_text": "Place, as written in the source",
    "location_precision": "Precision of the location, as a code",
    "sector": "Economic sector, as a code",
    "perpetrator_kind": "Kind of perpetrator, as a code; never a person",
    "company": "Company in the conflict, as written; never a person",
    "conflict_phase": "Phase of the conflict, as a code",
    "violent": "Whether there was violence in the conflict",
    "in_dialogue": "Whether the parties to the conflict have talked",
    "visibility": "Who may see it; a map contains only public records",
    "sources": "Sources cited",
    "incident_id": "Id of the incident",
    "count": "Number of people; missing if nobody states it",
    "outcome": "What happened to them, as a code",
    "gender": "Gender, as a code",
    "identity": "Who they are, as a list of codes",
    "dated_on": "Date",
    "step": "Step of the case, as a code",
    "court": "Court",
    "measure": "Measure requested, in words",
    "provider": "Institution that must provide it",
    "gender_responsive": "Whether it takes gender into account",
    "collective": "Whether it is for a group",
    "requested_on": "Date of the request",
    "community_id": "Id of the community",
    "concession_id": "Id of the concession, if the act is about one",
    "stage": "Decision of the act, as a code",
    "authority": "Authority that consults",
    "resolution": "Resolution that decided it",
    "phase": "Phase of the consultation, as a code",
    "consent_status": "Answer of the community, as a code; not recorded means neither due nor breached",
    "contested": "Whether the act or its consultation is disputed",
    "document_sha256": "SHA-256 of the resolution or the record of the consultation",
    "jurisdiction": "State that made the commitment",
    "instrument": "Treaty, law or plan",
    "supersedes": "Instrument that this one replaces",
    "source_url": "Address of the source",
    "verified": "Whether the source was checked, as a code",
    "note": "Note",
    "fingerprint": "Fingerprint of the file, its mapping and the reader; if unchanged, the file is not read again",
    "layer": "Layer, by the name of its table",
    "publisher": "Publisher",
    "licence": "Licence as stated",
    "url": "Address of the source",
    "retrieved_on": "Date on which it was received",
    "file_name": "Name of the received file",
    "sha256": "SHA-256 of the received file",
    "format": "Format as found",
    "crs_received": "Coordinate reference system as received",
    "encoding": "Text encoding",
    "rows_read": "Rows received",
    "rows_kept": "Rows kept",
    "rows_repaired": "Rows kept after a repair",
    "rows_rejected": "Rows rejected",
    "is_current": "Whether it is the latest snapshot of its source",
    "accuracy_basis": "Origin of the accuracy: stated, transformation, estimated or assumed",
    "accuracy_estimated_m": "Accuracy in metres estimated from the official hectares, whether it is used or not",
    "crs_operation": "Coordinate operation to WGS 84, by its PROJ name",
    "crs_operation_accuracy_m": "Accuracy of that operation in metres, from the PROJ database",
    "published_on": "Publication date",
    "covers_from": "First date covered, as declared",
    "covers_to": "Last date covered, as declared",
    "snapshot_stated": "Whether the date of the snapshot was stated",
    "reason": "Reason, as a code",
    "detail": "Details of the reason, repair or finding",
    "row_received": "The row as received; without personal data",
    "repair": "Repair, as a code",
    "area_change_ha": "Change of the area by the repair, in hectares",
    "finding": "Finding, as a code",
    "column_name": "Column of the finding",
    "left_layer": "Layer of the first feature",
    "left_id": "Id of the first feature",
    "left_snapshot_on": "Snapshot of the first feature",
    "right_layer": "Layer of the second feature",
    "right_id": "Id of the second feature",
    "right_snapshot_on": "Snapshot of the second feature",
    "share_of_left": "Shared part of the first feature, 0 to 1",
    "share_of_right": "Shared part of the second feature, 0 to 1",
    "certain_ha": "Shared hectares with both boundaries buffered inwards by their accuracies",
    "possible_ha": "Shared hectares with both boundaries buffered outwards by their accuracies",
    "certainty": "Class by the accuracy of both boundaries: certain, possible or sliver",
    "covered_by": "Layer that covers it",
    "gross_ha": "Sum of the hectares of the pairs; ground may be counted more than once",
    "footprint_ha": "Hectares of ground, each counted once",
    "share": "Part of the feature, 0 to 1",
    "cell": "Index of the H3 cell",
    "basis": "declared or proposed",
    "extent": "covered, or possible",
    "place": "Place as declared, or the code of a region",
    "same_as": "Id under which the incident is shown",
    "vocabulary": "Name of the vocabulary",
    "position": "Place in the list",
}
TABLE_COLUMN_COMMENTS: dict[tuple[str, str], str] = {
    ("overlap_pairs", "area_ha"): "Hectares shared",
    ("refused", "area_ha"): "Hectares of the likely geometry",
    ("refused", "geometry"): "Likely geometry; missing if there is none",
    ("coverage", "geometry"): "Area; if missing, data is possible anywhere",
    ("coverage", "name"): "Name of the place",
    ("overlap_totals", "pairs"): "Number of pairs",
    ("overlap_totals", "left_features"): "Number of features of the left layer that are in a pair",
    ("overlap_totals", "right_features"): "Number of features of the right layer that are in a pair",
    ("exposure", "id"): "Id of the community",
    ("exposure", "share"): "Share of the community's land, 0 to 1",
    ("exposure_parts", "id"): "Id of the community",
    ("exposure_parts", "code"): "Code of a kind or a status; several: concessions of several kinds",
    ("cells", "resolution"): "H3 resolution",
    ("consultations", "measure"): "Act of the State, as written in the source",
    ("protection_measures", "status"): "Status of the request, as a code",
    ("protected_areas", "status"): "Status of the protection, as a code",
    ("commitments", "stage"): "Stage of the commitment, as a code",
    ("vocabularies", "code"): "Code",
}
_BOX = ("xmin", "ymin", "xmax", "ymax")


def list_columns(name: str) -> list[str]:
    """List the column names of a table of a map, in table order."""
    if name in LAYERS:
        layer = LAYERS[name]
        return [*(column.name for column in layer.columns), *((*_BOX, "geometry") if layer.has_geometry else ())]
    table = VOCABULARY_TABLE if name == "vocabularies" else TABLES[name]
    return [column.name for column in table]


def column_comment(table: str, column: str) -> str:
    """Return the comment on a column of a table."""
    if column.endswith("_received"):
        return f"{column.removesuffix('_received')} as it was received"
    return TABLE_COLUMN_COMMENTS.get((table, column)) or COLUMN_COMMENTS[column]


def write_comments(con: Connection) -> None:
    """Write the comments into the map that is in use, and create its views.

    All statements run in one transaction; otherwise each would be written to the disk separately. The optimizer is
    switched off, which halves the time of the 600 statements.
    """
    statements = ["BEGIN", *_iter_statements(), "COMMIT"]
    con.execute(";\n".join(["PRAGMA disable_optimizer", *statements, "PRAGMA enable_optimizer"]))


def _iter_statements() -> Iterator[str]:
    for table, text in TABLE_COMMENTS.items():
        yield f'COMMENT ON TABLE "{table}" IS {literals.quote_text(text)}'
        yield from _iter_column_comments(table, table)
    for view, table in VIEWS.items():
        yield f'CREATE VIEW "{view}" AS SELECT * FROM "{table}" WHERE {CURRENT}'
        comment = literals.quote_text(f"The rows of {table} in the latest snapshot of each source: what the pages show")
        yield f'COMMENT ON VIEW "{view}" IS {comment}'
        yield from _iter_column_comments(view, table)


def _iter_column_comments(name: str, table: str) -> Iterator[str]:
    for column in list_columns(table):
        yield f'COMMENT ON COLUMN "{name}"."{column}" IS {literals.quote_text(column_comment(table, column))}'
