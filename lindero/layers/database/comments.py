"""
Comments on every table, view and column of a map, written into the database for people who query it with SQL.

`docs/data-model.md` is generated from them (`python -m docs.model`). A test checks that no comment is missing.
"""

from collections.abc import Iterator

from lindero.layers.database import literals
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.model.schema import LAYERS, TABLES, VOCABULARY_TABLE

VIEWS = {f"current_{name}": name for name in LAYERS}
"""Views by name, and the layer of which each shows the rows of the latest snapshots."""

TABLE_COMMENTS: dict[str, str] = {
    "concessions": "Concessions of every snapshot: rights of a State's register to explore or extract",
    "protected_areas": "Protected areas of every snapshot, with their buffer zones apart",
    "communities": "Communities of every snapshot: areas, points where only those are known, or no place at all",
    "regions": "Administrative areas of every snapshot",
    "mining_scars": "Ground laid bare as seen from space, of every snapshot: patches of detection",
    "places": "Settlements of every snapshot",
    "incidents": "Attacks and conflicts of every snapshot; an attack is one with an act",
    "acts": "Acts of violence of incidents, a row each",
    "victims": "Groups of people attacked in incidents: counted, never named",
    "case_steps": "Steps of cases in court, of incidents",
    "protection_measures": "Protection asked for after incidents, and what became of it",
    "consultations": "Acts of the State that communities were consulted about, or not",
    "commitments": "What States promised or are bound by, that the workspace adds",
    "sources": "Snapshots of sources: where rows came from, and how many became what",
    "rejects": "Rows that were not kept, and why",
    "refused": "Rejected rows of which nothing is secret, by name, with their likely reading",
    "repairs": "Rows of which the geometry was repaired",
    "findings": "What was noticed in rows, or in a whole file (row 0)",
    "overlap_pairs": "Pairs of polygons of two layers that share at least 0.01 ha",
    "footprints": "How much of each feature another layer covers",
    "overlap_totals": "What all pairs of two layers come to",
    "cells": "Hectares of concessions on community land by cell of H3",
    "coverage": "Where each snapshot of each source has data",
    "same_incidents": "Incidents that people accepted to be one",
    "near_index": "The file beside the map in which what is near a place is found",
    "vocabularies": "The codes that coded columns take",
}
COLUMN_COMMENTS: dict[str, str] = {  # of every table that has it, unless `TABLE_COLUMN_COMMENTS` says otherwise
    "id": "SOURCE/CODE: the same in every snapshot; with snapshot_on it names a row",
    "source_id": "The source, as sources names it",
    "snapshot_on": "The day of which the snapshot is, or was received",
    "row_number": "Number of the row in the received file, from 1",
    "invented": "Part of the demonstration, not a claim about the world",
    "geometry": "Longitude and latitude on WGS 84 (OGC:CRS84)",
    "xmin": "West of its box, in degrees",
    "ymin": "South of its box, in degrees",
    "xmax": "East of its box, in degrees",
    "ymax": "North of its box, in degrees",
    "code": "Code in the register",
    "name": "Name as the source writes it",
    "holder": "Whoever the register names as having it, as written",
    "kind": "For what: a code of concession_kind",
    "substance": "Mineral or product, as written",
    "status": "State in the register, as a code",
    "applied_on": "Applied for on",
    "granted_on": "Granted on",
    "expires_on": "Ends on",
    "area_official_ha": "Hectares as the source states them",
    "area_ha": "Hectares as drawn, true on the ellipsoid",
    "boundary_accuracy_m": "Accuracy of the boundary in metres, where anybody states it",
    "designation": "Kind of protection, as written",
    "iucn_category": "IUCN category, as a code",
    "governance": "Who governs it, as a code",
    "established_on": "Established on",
    "zone": "Core or buffer",
    "people": "Indigenous people or other, as written",
    "type": "Type, as a code",
    "recognition": "How far the State recognises the land, as a code",
    "population": "People living there, as stated",
    "level": "Country, department, province or district",
    "parent_name": "Name of the region that it lies in",
    "country": "ISO 3166-1 alpha-2",
    "observed_on": "Seen on, or the first day of the period",
    "mined_ha": "Hectares mined, as the source states them: not the area of the patch",
    "region": "Region, in the gazetteer's spelling where it is known there",
    "title": "Title",
    "occurred_on": "Day, or the first day of what is known of it",
    "date_precision": "How exact the date is, as a code",
    "place_text": "Place in the words of the source",
    "location_precision": "How exact the place is, as a code",
    "sector": "Of which business, as a code",
    "perpetrator_kind": "Who did it, as a code; never a person",
    "company": "The company with which a conflict is, as written; never a person",
    "conflict_phase": "How far a conflict has come, as a code",
    "violent": "Whether there was violence in the conflict",
    "in_dialogue": "Whether the parties to the conflict have talked",
    "visibility": "Who may see it: a map holds public record alone",
    "sources": "Sources cited",
    "incident_id": "The incident that the row belongs to",
    "count": "How many people; missing where nobody states it",
    "outcome": "What became of them, as a code",
    "gender": "Gender, as a code",
    "identity": "Who they are: codes, several",
    "dated_on": "Day",
    "step": "Step of the case, as a code",
    "court": "Court",
    "measure": "What was asked for, in words",
    "provider": "Who is to provide it",
    "gender_responsive": "Whether it takes gender into account",
    "collective": "Whether it is for a group",
    "requested_on": "Asked for on",
    "community_id": "The community",
    "concession_id": "The concession, where the act is about one",
    "stage": "What the act decides, as a code",
    "authority": "Who consults",
    "resolution": "By which paper it was decided",
    "phase": "How far the consultation has come, as a code",
    "consent_status": "What the community answered, as a code; not on record means neither owed nor breached",
    "contested": "Whether the act, or how it was consulted, is disputed",
    "document_sha256": "SHA-256 of the resolution or the record of the consultation",
    "jurisdiction": "The State that promised",
    "instrument": "Treaty, law or plan",
    "supersedes": "The instrument that it replaces",
    "source_url": "Address of the source",
    "verified": "Whether the source was read, as a code",
    "note": "Note",
    "fingerprint": "Of the file, its mapping and the reader: equal means nothing to read again",
    "layer": "A layer, by the name of its table",
    "publisher": "Who publishes it",
    "licence": "Licence as stated",
    "url": "Where it was had from",
    "retrieved_on": "Received on",
    "file_name": "Name of the received file",
    "sha256": "SHA-256 of the received file",
    "format": "Format as found",
    "crs_received": "Coordinate reference system as received",
    "encoding": "Encoding of its texts",
    "rows_read": "Rows received",
    "rows_kept": "Rows kept",
    "rows_repaired": "Rows repaired, of those kept",
    "rows_rejected": "Rows rejected",
    "is_current": "Whether it is the latest snapshot of its source",
    "accuracy_basis": "How the accuracy is known: stated, transformation, estimated or assumed",
    "accuracy_estimated_m": "Metres by which official hectares let boundaries be off, used or not",
    "crs_operation": "The operation that brought its coordinates onto WGS 84, by PROJ's name",
    "crs_operation_accuracy_m": "Accuracy of that operation in metres, as PROJ's register states it",
    "published_on": "Day on which it was published",
    "covers_from": "First day that it tells of, as declared",
    "covers_to": "Last day that it tells of, as declared",
    "snapshot_stated": "Whether it was stated of what day it is",
    "reason": "Why, as a code",
    "detail": "What exactly",
    "row_received": "The row as it came; nothing of persons",
    "repair": "What was done, as a code",
    "area_change_ha": "Hectares by which the repair changed it",
    "finding": "What was noticed, as a code",
    "column_name": "In which column",
    "left_layer": "Layer of the first",
    "left_id": "Id of the first",
    "left_snapshot_on": "Snapshot of the first",
    "right_layer": "Layer of the second",
    "right_id": "Id of the second",
    "right_snapshot_on": "Snapshot of the second",
    "share_of_left": "Part of the first that is shared, 0 to 1",
    "share_of_right": "Part of the second that is shared, 0 to 1",
    "certain_ha": "Hectares that remain with both boundaries drawn in by their accuracies",
    "possible_ha": "Hectares with both boundaries drawn out by their accuracies",
    "certainty": "Whether it survives the accuracy of both boundaries: certain, possible or sliver",
    "covered_by": "The layer that covers it",
    "gross_ha": "Hectares of the pairs, added up",
    "footprint_ha": "Hectares of ground, counted once",
    "share": "Part of the feature, 0 to 1",
    "cell": "Index of the cell of H3",
    "basis": "declared or proposed",
    "extent": "covered, or possible",
    "place": "What was declared, else the code of a region",
    "same_as": "The id under which it is told",
    "vocabulary": "Name of the vocabulary",
    "position": "Place in the list",
}
TABLE_COLUMN_COMMENTS: dict[tuple[str, str], str] = {
    ("overlap_pairs", "area_ha"): "Hectares shared",
    ("refused", "area_ha"): "Hectares of the likely reading",
    ("refused", "geometry"): "The likely reading; missing where there is none",
    ("coverage", "geometry"): "Where; missing: possible anywhere",
    ("coverage", "name"): "Name of the place",
    ("near_index", "crc32"): "Checksum of the whole file",
    ("overlap_totals", "pairs"): "How many pairs there are",
    ("overlap_totals", "left_features"): "How many features of the left layer are in a pair",
    ("overlap_totals", "right_features"): "How many features of the right layer are in a pair",
    ("cells", "resolution"): "Resolution of H3",
    ("consultations", "measure"): "The act of the State that was consulted, in the words of the source",
    ("protection_measures", "status"): "What became of the request, as a code",
    ("protected_areas", "status"): "State of the protection, as a code",
    ("commitments", "stage"): "How far it has come, as a code",
    ("vocabularies", "code"): "The code",
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
    """
    Write the comments into the map that is in use, and create its views.

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
