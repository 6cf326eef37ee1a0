"""The schema of a map: its layers, their columns, and its other tables.

This module is data. `layers.database.map_database` and `map_writer` create tables from it, `layers.sources` maps
received fields to it, and `layers.check.validate` checks rows against it. The terms and vocabularies are documented in
`docs/data-model.md`.
"""

from lindero.layers.model.layer import Column, Layer, Shape

CRS = "OGC:CRS84"  # longitude, latitude on WGS 84, in this order


_AREAS = (
    Column("area_official_ha", "DOUBLE"),
    Column("area_ha", "DOUBLE"),
    Column("boundary_accuracy_m", "DOUBLE"),
)

CONCESSIONS = Layer(
    "concessions",
    Shape.SITE,
    (
        Column("code"),
        Column("name"),
        Column("holder"),
        Column("kind", vocabulary="concession_kind"),
        Column("substance"),
        Column("status", vocabulary="concession_status"),
        Column("applied_on", "DATE"),
        Column("granted_on", "DATE"),
        Column("expires_on", "DATE"),
        *_AREAS,
    ),
)
PROTECTED_AREAS = Layer(
    "protected_areas",
    Shape.POLYGON,
    (
        Column("code"),
        Column("name"),
        Column("designation"),
        Column("iucn_category", vocabulary="iucn_category"),
        Column("governance", vocabulary="governance"),
        Column("status", vocabulary="area_status"),
        Column("established_on", "DATE"),
        Column("zone", vocabulary="zone"),
        *_AREAS,
    ),
)
COMMUNITIES = Layer(
    "communities",
    Shape.PLACE,
    (
        Column("code"),
        Column("name"),
        Column("people"),
        Column("type", vocabulary="community_type"),
        Column("recognition", vocabulary="recognition"),
        Column("population", "INTEGER"),
        *_AREAS,
    ),
)
REGIONS = Layer(
    "regions",
    Shape.POLYGON,
    (
        Column("code"),
        Column("name"),
        Column("level", vocabulary="region_level", required=True),
        Column("parent_name"),
        Column("country"),
        Column("population", "INTEGER"),
        *_AREAS,
    ),
)
MINING_SCARS = Layer(
    "mining_scars",
    Shape.POLYGON,
    (Column("observed_on", "DATE"), Column("mined_ha", "DOUBLE"), *_AREAS),
)
PLACES = Layer(
    "places",
    Shape.POINT,
    (Column("name", required=True), Column("region"), Column("country"), Column("population", "INTEGER")),
)
INCIDENTS = Layer(
    "incidents",
    Shape.PLACE,
    (
        Column("code"),
        Column("title"),
        Column("occurred_on", "DATE"),
        Column("date_precision", vocabulary="date_precision"),
        Column("place_text"),
        Column("region"),
        Column("country"),
        Column("location_precision", vocabulary="location_precision"),
        Column("sector", vocabulary="sector"),
        Column("perpetrator_kind", vocabulary="perpetrator_kind"),
        Column("company"),  # the company in the conflict, as written; never a person
        Column("conflict_phase", vocabulary="conflict_phase"),
        Column("violent", "BOOLEAN"),  # whether there was violence in the conflict
        Column("in_dialogue", "BOOLEAN"),  # whether the parties have talked
        Column("visibility", vocabulary="visibility"),
        Column("sources"),
    ),
)
ACTS = Layer("acts", Shape.NONE, (Column("incident_id", required=True), Column("type", vocabulary="act_type")))
VICTIMS = Layer(
    "victims",
    Shape.NONE,
    (
        Column("incident_id", required=True),
        Column("count", "INTEGER"),
        Column("outcome", vocabulary="victim_outcome"),
        Column("gender", vocabulary="gender"),
        Column("identity", vocabulary="identity", several=True),
        Column("people"),
    ),
)
CASE_STEPS = Layer(
    "case_steps",
    Shape.NONE,
    (
        Column("incident_id", required=True),
        Column("dated_on", "DATE"),
        Column("date_precision", vocabulary="date_precision"),
        Column("step", vocabulary="case_step", required=True),
        Column("court"),
    ),
)
PROTECTION_MEASURES = Layer(
    "protection_measures",
    Shape.NONE,
    (
        Column("incident_id", required=True),
        Column("measure"),
        Column("provider"),
        Column("gender_responsive", "BOOLEAN"),
        Column("collective", "BOOLEAN"),
        Column("requested_on", "DATE"),
        Column("granted_on", "DATE"),
        Column("status", vocabulary="measure_status"),
    ),
)
CONSULTATIONS = Layer(
    "consultations",
    Shape.NONE,
    (
        Column("community_id", required=True),
        Column("concession_id"),
        Column("measure"),  # the act of the State that was consulted, in the words of the source
        Column("stage", vocabulary="consultation_stage"),  # the stage that the act decides
        Column("authority"),  # who has to consult
        Column("resolution"),  # the document that decided the act or ended the consultation
        Column("phase", vocabulary="consultation_phase"),  # how far the consultation has come
        Column("consent_status", vocabulary="consent_status"),
        Column("contested", "BOOLEAN"),  # whether somebody disputes the act or how it was consulted
        Column("dated_on", "DATE"),
        Column("sources"),
        Column("document_sha256"),  # of the resolution or the record of the consultation
    ),
)
COMMITMENTS = Layer(
    "commitments",
    Shape.NONE,
    (
        Column("jurisdiction", required=True),
        Column("instrument", required=True),
        Column("stage", vocabulary="commitment_stage", required=True),
        Column("dated_on", "DATE"),
        Column("date_precision", vocabulary="date_precision"),
        Column("supersedes"),
        Column("source_url"),
        Column("verified", vocabulary="verified"),
        Column("note"),
    ),
)

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        CONCESSIONS,
        PROTECTED_AREAS,
        COMMUNITIES,
        REGIONS,
        MINING_SCARS,
        PLACES,
        INCIDENTS,
        ACTS,
        VICTIMS,
        CASE_STEPS,
        PROTECTION_MEASURES,
        CONSULTATIONS,
        COMMITMENTS,
    )
}

OVERLAP_PAIRS = (
    ("concessions", "communities"),
    ("concessions", "protected_areas"),
    ("communities", "protected_areas"),
    ("mining_scars", "protected_areas"),
    ("mining_scars", "communities"),
)
"""Which layers a build lays over each other."""

SOURCES = (
    Column("source_id", required=True),
    Column("snapshot_on", "DATE", required=True),
    Column("fingerprint", required=True),  # of the file, its mapping and the reader; if equal, nothing is read again
    Column("layer", required=True),
    Column("title"),
    Column("publisher"),
    Column("licence"),
    Column("url"),
    Column("retrieved_on", "DATE"),
    Column("published_on", "DATE"),
    Column("covers_from", "DATE"),  # first and last date covered, as declared; otherwise the dates of its rows
    Column("covers_to", "DATE"),
    Column("file_name"),
    Column("sha256"),
    Column("format"),
    Column("crs_received"),
    Column("encoding"),
    Column("rows_read", "INTEGER"),
    Column("rows_kept", "INTEGER"),
    Column("rows_repaired", "INTEGER"),
    Column("rows_rejected", "INTEGER"),
    Column("is_current", "BOOLEAN"),  # the latest snapshot of its source
    Column("snapshot_stated", "BOOLEAN"),  # otherwise nobody stated the date: snapshot_on is the date of receipt
    Column("invented", "BOOLEAN"),
    Column("boundary_accuracy_m", "DOUBLE"),  # of its median boundary; missing if it has none
    Column("accuracy_basis"),  # basis of that accuracy: stated, transformation, estimated or assumed
    Column("accuracy_estimated_m", "DOUBLE"),  # from official and drawn hectares, even if another basis is used
    Column("crs_operation"),  # datum transformation to WGS 84, by its name in PROJ's register
    Column("crs_operation_accuracy_m", "DOUBLE"),
)
_ROW = (
    Column("source_id", required=True),
    Column("snapshot_on", "DATE", required=True),
    Column("row_number", "INTEGER", required=True),
)
REJECTS = (*_ROW, Column("reason", required=True), Column("detail"), Column("row_received"))
REFUSED = (  # rejected rows without private content, by name
    *_ROW,
    Column("layer", required=True),
    Column("reason", required=True),
    Column("detail"),
    Column("code"),
    Column("name"),
    Column("area_official_ha", "DOUBLE"),
    Column("area_ha", "DOUBLE"),  # area of the likely reading
    Column("geometry", f"GEOMETRY('{CRS}')"),  # the likely reading; missing if there is none
)
REPAIRS = (*_ROW, Column("repair", required=True), Column("area_change_ha", "DOUBLE"), Column("detail"))
FINDINGS = (*_ROW, Column("finding", required=True), Column("column_name"), Column("detail"))
OVERLAPS = (
    Column("left_layer", required=True),
    Column("left_id", required=True),
    Column("left_snapshot_on", "DATE", required=True),
    Column("right_layer", required=True),
    Column("right_id", required=True),
    Column("right_snapshot_on", "DATE", required=True),
    Column("area_ha", "DOUBLE"),
    Column("certain_ha", "DOUBLE"),
    Column("possible_ha", "DOUBLE"),
    Column("share_of_left", "DOUBLE"),
    Column("share_of_right", "DOUBLE"),
    Column("certainty"),
)
OVERLAP_TABLE = "overlap_pairs"
FOOTPRINTS = (
    Column("layer", required=True),
    Column("id", required=True),
    Column("covered_by", required=True),  # name of the covering layer
    Column("gross_ha", "DOUBLE"),
    Column("footprint_ha", "DOUBLE"),
    Column("certain_ha", "DOUBLE"),
    Column("possible_ha", "DOUBLE"),
    Column("share", "DOUBLE"),
)
OVERLAP_TOTALS = (
    Column("left_layer", required=True),
    Column("right_layer", required=True),
    Column("pairs", "BIGINT", required=True),
    Column("left_features", "BIGINT", required=True),
    Column("right_features", "BIGINT", required=True),
    Column("gross_ha", "DOUBLE", required=True),
    Column("footprint_ha", "DOUBLE", required=True),
    Column("certain_ha", "DOUBLE"),
    Column("possible_ha", "DOUBLE"),
)
EXPOSURE = (
    Column("id", required=True),
    Column("land_ha", "DOUBLE"),
    Column("titles", "BIGINT"),
    Column("title_ha", "DOUBLE"),
    Column("share", "DOUBLE"),
    Column("share_low", "DOUBLE"),
    Column("share_high", "DOUBLE"),
)
EXPOSURE_PARTS = (
    Column("id", required=True),
    Column("split_by", required=True),  # kind or status
    Column("code", required=True),
    Column("title_ha", "DOUBLE"),
)
CELLS = (
    Column("layer", required=True),
    Column("covered_by", required=True),  # name of the covering layer
    Column("resolution", "INTEGER", required=True),  # H3 resolution
    Column("cell", required=True),  # its H3 index
    Column("footprint_ha", "DOUBLE"),
)

COVERAGE = (
    Column("layer", required=True),  # a table with rows of the source
    Column("source_id", required=True),
    Column("snapshot_on", "DATE", required=True),
    Column("basis", required=True),  # declared or proposed
    Column("extent", required=True),  # covered, or possible: in a region with rows, outside the area between them
    Column("place"),  # the declared place, otherwise the code of a region
    Column("name"),
    Column("geometry", f"GEOMETRY('{CRS}')"),  # missing: possible anywhere
)

SAME_INCIDENTS = (Column("incident_id", required=True), Column("same_as", required=True))

TABLES: dict[str, tuple[Column, ...]] = {
    "sources": SOURCES,
    "rejects": REJECTS,
    "refused": REFUSED,
    "repairs": REPAIRS,
    "findings": FINDINGS,
    "overlap_pairs": OVERLAPS,
    "footprints": FOOTPRINTS,
    "overlap_totals": OVERLAP_TOTALS,
    "exposure": EXPOSURE,
    "exposure_parts": EXPOSURE_PARTS,
    "cells": CELLS,
    "coverage": COVERAGE,
    "same_incidents": SAME_INCIDENTS,
}
"""The tables that are no layer: where rows came from, what became of them, what lies on what, what is the same."""

VOCABULARY_TABLE = (Column("vocabulary", required=True), Column("code", required=True), Column("position", "INTEGER"))
