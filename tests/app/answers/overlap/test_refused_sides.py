"""What was refused is missing in an overlap, and is named there."""

import json

import pytest
from shapely import Polygon

from tests.built import build
from tests.files import collection, concessions, feature, square

BOW = Polygon([(-78.5, -7.0), (-78.4, -6.9), (-78.4, -7.0), (-78.5, -6.92)])  # crosses itself: two unequal halves
SAID = "1 row of protected areas was rejected and is not in these figures: de Pui Pui (BP03), 60,000 ha stated."


@pytest.fixture
def folder(files, tmp_path):
    rows = [
        feature({"anp_codi": "BP03", "anp_nomb": "de Pui Pui", "anp_cate": "BP", "anp_suleg": 60_000.0}, BOW),
        feature({"anp_codi": "BP04", "anp_nomb": "Otro", "anp_cate": "BP", "anp_suleg": 120.0}, square()),
    ]
    path = tmp_path / "anp.geojson"
    path.write_text(collection(rows), encoding="utf-8")
    files.add("protected_areas", path, mapping="sernanp_national", id="anp")
    files.add("protected_areas", concessions(2, row=1).drop(columns=["holder", "status"]), id="others")
    files.add("concessions", concessions())
    build(files.space)
    return files.folder


@pytest.mark.parametrize(
    ("options", "is_told"),
    [
        ([], True),
        (["--right-source", "anp"], True),
        (["--right-source", "others"], False),
        (["--right-where", "source_id!=anp"], False),
    ],
)
def test_an_overlap_names_what_is_missing_because_it_was_refused(folder, typed, options, is_told):
    _, out, said = typed(
        "overlaps", "concessions", "protected_areas", *options, "--format", "json", "--workspace", folder
    )

    assert (SAID in said) == is_told
    assert [row["name"] for row in json.loads(out)["refused"]] == ["de Pui Pui"] * is_told
