"""Queries on the record: what belongs to an event is found by the event's id, whichever report it was recorded for."""

from lindero.layers.database import map_database
from lindero.layers.database.queries.record_queries import read_layer_rows
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_tables
from tests.built import build
from tests.files import incidents

HEADER = "code,occurred_on,region,country,location_precision,visibility"


def test_rows_of_an_event_are_selected_by_its_id_after_reports_are_merged(files):
    for source in ("one", "two"):
        files.add("incidents", incidents("a,2024-05-01,Junín,PE,region,public_record", header=HEADER), id=source)
    files.add("acts", "incident_id,type\none/a,threat\ntwo/a,killing\ntwo/a,threat\n")
    same = ("one/a", "two/a")
    con = map_database.connect(
        build(manifest_tables.mark_same_incidents(files.space, same, existing=frozenset(same))).path
    )

    def types(incident_id):
        return sorted(read_layer_rows(con, LAYERS["acts"], where={"incident_id": incident_id})["type"])

    assert types("one/a") == types(["one/a", "two/a"]) == ["killing", "threat"]
    assert types("two/a") == []
