"""The invented attacks of the demonstration map, and what followed them."""

from collections import Counter

from tests.demo_files import NOW, SPATIAL, TABLES, features, rows


def test_an_incident_is_a_point_only_where_its_place_is_known():
    expected = {"exact": "Point", "locality": "Point", "district": "Polygon", "province": "Polygon"}
    for incident in features("incidents"):
        geometry = incident["geometry"]
        assert (geometry and geometry.geom_type) == expected.get(incident["location_precision"])


def test_incidents_run_from_2012_to_the_snapshot_some_with_several_acts_and_groups():
    years = {incident["occurred_on"][:4] for incident in features("incidents") if "occurred_on" in incident}
    several = {layer: max(Counter(row["incident_id"] for row in rows(layer)).values()) for layer in ("acts", "victims")}

    assert min(years) <= "2013"
    assert max(years) == "2026"
    assert several["acts"] >= 3
    assert several["victims"] >= 3


def test_every_reference_resolves():
    ids = {f"demo-{layer}/{NOW}/{each['code']}" for layer in SPATIAL for each in features(layer)}
    for layer in TABLES:
        for row in rows(layer):
            assert {row[name] for name in row if name.endswith("_id")} <= ids
    assert {row["incident_id"] for row in rows("acts")} == {row["incident_id"] for row in rows("victims")}


def test_the_steps_of_a_case_follow_each_other_after_the_attack():
    occurred = {f"demo-incidents/{NOW}/{each['code']}": each.get("occurred_on", "") for each in features("incidents")}
    steps = {}
    for row in rows("case_steps"):
        steps.setdefault(row["incident_id"], []).append(row["dated_on"])
    for incident, dates in steps.items():
        assert [occurred[incident], *dates] == sorted({occurred[incident], *dates})
        assert dates[-1] <= NOW


def test_measures_are_granted_after_they_are_asked_for_and_some_are_for_women_and_for_groups():
    for row in rows("protection_measures"):
        assert (row["granted_on"] != "") == (row["status"] in {"granted", "expired"})
        assert not row["granted_on"] or row["granted_on"] >= row["requested_on"]
    assert {(row["gender_responsive"], row["collective"]) for row in rows("protection_measures")} >= {
        ("true", "false"),
        ("false", "true"),
        ("true", "true"),
    }


def test_nobody_was_consulted_where_consent_was_not_sought_nor_before_the_concession():
    applied = {f"demo-concessions/{NOW}/{each['code']}": each["applied_on"] for each in features("concessions")}
    for row in rows("consultations"):
        is_decided = row["consent_status"] in {"given", "refused", "withdrawn"}
        assert is_decided == (row["phase"] == "decision") == bool(row["resolution"]) == bool(row["document_sha256"])
        if row["consent_status"] in {"not_sought", "unknown"}:
            assert (row["dated_on"], row["phase"]) == ("", "unknown")
        else:
            assert applied[row["concession_id"]] <= row["dated_on"] <= NOW
