import shutil
from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from lindero.app.builder import build as building
from lindero.app.builder import freshness
from lindero.app.builder.build import build_map
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import BuildError, LayerError, NotBuiltError, SourceError
from lindero.layers.model.schema import LAYERS, TABLES
from lindero.layers.workspace import manifest_file
from tests.built import build as first_build  # where it is asked what the next one does
from tests.built import digest
from tests.files import concessions, incidents


def whole(path):
    """Every table of a map, its rows in one order."""
    con = map_database.connect(path)
    frames = {
        name: map_database.read_layer(con, LAYERS[name], every_snapshot=True)
        if name in LAYERS
        else map_database.read_table(con, name)
        for name in {*LAYERS, *TABLES}
    }
    con.close()
    return {name: frame.sort_values(list(frame.columns[:4])).to_csv(index=False) for name, frame in frames.items()}


def pairs(path):
    con = map_database.connect(path)
    found = map_database.read_overlaps(con, "concessions", "communities")
    con.close()
    return found


def covered(path):
    con = map_database.connect(path)
    found = map_database.read_footprints(con, "communities", covered_by="concessions")
    con.close()
    return found


def communities(count=2):
    frame = concessions(count).drop(columns=["holder", "status"])
    return frame.assign(code=[f"K{n}" for n in range(count)]).set_geometry(frame.translate(0.005, 0.005))


@pytest.fixture
def land(files):
    files.add("concessions", concessions(4))
    files.add("communities", communities())
    files.add("incidents", incidents("1,2020-01-01,x,public_record,-78.5,-7", "2,2020-01-01,x,restricted,-78.5,-7"))
    files.add("acts", "incident_id,type\nincidents/2026-01-01/1,threat\nincidents/2026-01-01/2,threat\n")
    return files


def test_a_build_holds_rows_overlaps_and_the_account(land):
    built = build_map(land.space)
    con = map_database.connect(built.path)
    sources = {source.source_id: source for source in map_database.read_sources(con)}

    assert built.changed
    assert map_database.count_rows(con)["overlap_pairs"] == len(pairs(built.path)) == 4
    assert (sources["incidents"].rows_read, sources["incidents"].rows_kept) == (2, 1)
    assert (sources["acts"].rows_kept, sources["acts"].rows_rejected) == (1, 1)
    con.close()


def test_a_second_build_reads_nothing_again_and_is_the_same_map(land, monkeypatch):
    first = build_map(land.space)
    monkeypatch.setattr("lindero.app.builder.rows.ingest.start_reading", lambda *_, **__: pytest.fail("read again"))
    second = build_map(land.space)

    assert (second.path, second.changed) == (first.path, False)


def test_only_a_changed_source_is_read_again(land, monkeypatch):
    first_build(land.space)
    land.add("concessions", concessions(3, row=5), id="otra")
    read = []
    ingest = building.ingest
    monkeypatch.setattr(building, "ingest", lambda entry, *a, **k: read.append(entry.id) or ingest(entry, *a, **k))

    assert build_map(land.space).changed
    assert read == ["otra"]


def test_of_a_source_of_which_something_else_is_said_nothing_is_read_again(land, monkeypatch):
    before = build_map(land.space)
    said = {"title": "T", "publisher": "Otra", "licence": "CC0-1.0", "url": "https://o", "retrieved_on": "2026-03-01"}
    others = tuple(replace(entry, **said) for entry in land.space.sources)
    monkeypatch.setattr("lindero.app.builder.rows.ingest.start_reading", lambda *_, **__: pytest.fail("read again"))
    built = build_map(replace(land.space, sources=others))
    monkeypatch.undo()
    upon = whole(built.path)

    assert built.changed
    assert built.path != before.path
    told = map_database.read_sources(map_database.connect(built.path))
    assert {(one.title, one.publisher, one.licence, one.url) for one in told} == {("T", "Otra", "CC0-1.0", "https://o")}
    assert {one.retrieved_on.isoformat() for one in told} == {"2026-03-01"}
    shutil.rmtree(land.space.build_folder)
    assert whole(build_map(replace(land.space, sources=others)).path) == upon


def test_a_build_upon_another_equals_one_from_nothing_table_for_table(land):
    first_build(land.space)
    land.add("concessions", concessions(3, row=1, status="applied"), snapshot_on="2026-02-01")
    land.add("protected_areas", communities(3), id="parque")
    upon = build_map(land.space)
    step = whole(upon.path)
    step_digest = digest(upon.path)
    shutil.rmtree(land.space.build_folder)
    anew = build_map(land.space)

    assert whole(anew.path) == step
    assert digest(anew.path) == step_digest


def test_ground_is_counted_once_and_stays_where_nothing_changed(land):
    land.add("concessions", concessions(4), id="encima")  # the same ground twice
    first = covered(build_map(land.space).path)
    land.add("protected_areas", communities(3), id="parque")
    second = covered(build_map(land.space).path)

    assert first["footprint_ha"].to_numpy() == pytest.approx(first["gross_ha"].to_numpy() / 2)
    assert first.equals(second)


def test_a_map_of_an_earlier_version_says_so_and_is_built_anew(land, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr(freshness, "TABLES", {})
        old = build_map(land.space).path
    with duckdb.connect(str(old)) as con:
        con.execute("DROP TABLE footprints")
    with pytest.raises(NotBuiltError, match="earlier version"):
        covered(old)

    built = build_map(land.space)

    assert built.changed
    assert len(covered(built.path)) == 2


def test_ground_is_counted_of_the_snapshot_that_is_shown(land):
    land.add("concessions", concessions(1, row=9), snapshot_on="2026-02-01")

    assert covered(build_map(land.space).path).empty


def test_a_source_that_is_gone_from_the_manifest_is_gone_from_the_map(land):
    first_build(land.space)
    fewer = manifest_file.Workspace(land.folder, "t", "PE", land.space.sources[:1])
    built = build_map(fewer)
    con = map_database.connect(built.path)

    assert map_database.count_rows(con)["communities"] == 0
    assert map_database.count_rows(con)["overlap_pairs"] == 0
    con.close()


def test_two_snapshots_stand_side_by_side_and_the_later_is_shown(files):
    files.add("concessions", concessions(3), snapshot_on="2025-01-01")
    files.add("concessions", concessions(2))
    con = map_database.connect(build_map(files.space).path)

    assert len(map_database.read_layer(con, LAYERS["concessions"])) == 2
    assert len(map_database.read_layer(con, LAYERS["concessions"], every_snapshot=True)) == 5
    assert [source.is_current for source in map_database.read_sources(con)] == [False, True]
    con.close()


def test_files_that_number_their_rows_alike_build_together(files):
    for day in ("2025-01-01", "2026-01-01"):
        files.add("concessions", concessions(2).drop(columns="code").assign(id=[1, 2]), snapshot_on=day)
    files.add("concessions", concessions(2, row=3).drop(columns="code").assign(id=[1, 2]), id="otra")

    assert build_map(files.space).changed


def test_a_source_that_fails_leaves_the_last_good_map(land):
    good = first_build(land.space)
    land.add("concessions", concessions().to_crs("EPSG:32717"), id="metros")

    with pytest.raises(LayerError, match="EPSG:32717"):
        build_map(land.space)
    assert builds.current_map(land.space.build_folder) == good.path
    assert len(pairs(good.path)) == 4


def test_a_tampered_file_is_refused(land):
    first_build(land.space)
    entry = land.space.sources[0]
    path = land.folder / entry.file
    path.write_text(path.read_text(encoding="utf-8").replace("C1", "C9"), encoding="utf-8")
    land.add("communities", communities(), id="otra")

    with pytest.raises(SourceError, match="has changed since it was received"):
        build_map(land.space)


def test_a_file_that_is_gone_is_named(land):
    land.folder.joinpath(land.space.sources[0].file).unlink()

    with pytest.raises(SourceError, match="the file of source concessions is missing"):
        build_map(land.space)


def test_a_build_that_cannot_account_for_a_row_fails(land, monkeypatch):
    ingest = building.ingest

    def losing(*given, **named):
        taken = ingest(*given, **named)
        return type(taken)(**{**taken.__dict__, "tables": {name: rows.iloc[1:] for name, rows in taken.tables.items()}})

    monkeypatch.setattr(building, "ingest", losing)
    with pytest.raises(BuildError, match="row counts of a source do not add up"):
        build_map(land.space)


def test_an_empty_workspace_builds_an_empty_map(files):
    con = map_database.connect(build_map(files.space).path)

    counts = map_database.count_rows(con)
    assert not any(counts.values())
    con.close()


def test_a_table_with_a_header_alone_builds(files):
    files.add("acts", "incident_id,type\n")
    files.add("communities", "code,longitude,latitude\n", id="vacía")

    assert build_map(files.space).changed


def test_incidents_without_any_place_build(files):
    files.add("incidents", "code,title,visibility\n1,Amenaza,public_record\n")
    con = map_database.connect(build_map(files.space).path)

    assert map_database.read_layer(con, LAYERS["incidents"])["code"].tolist() == ["1"]
    con.close()


def test_a_map_does_not_depend_on_the_folder(land, tmp_path):
    first = digest(first_build(land.space).path)
    shutil.copytree(land.folder, tmp_path / "otra Ñ's", ignore=shutil.ignore_patterns("build"))

    assert digest(build_map(manifest_file.load_workspace(tmp_path / "otra Ñ's")).path) == first


def test_progress_is_told(land):
    told = []
    build_map(land.space, progress=lambda name, done, total: told.append((name, done, total)))

    assert ("concessions", 0, 4) in told
    assert all(done <= total for _, done, total in told)


def test_tables_of_thousands_of_rows_that_begin_empty_keep_their_values(files):
    rows = "".join(
        f"i{n},{'2020-01-01' if n > 2500 else ''},{'trial'},{'Corte' if n > 2500 else ''}\n" for n in range(3000)
    )
    files.add("incidents", "id,visibility\n" + "".join(f"i{n},public_record\n" for n in range(3000)))
    files.add("case_steps", f"incident_id,dated_on,step,court\n{rows}")
    con = map_database.connect(build_map(files.space).path)
    steps = pd.DataFrame(map_database.read_layer(con, LAYERS["case_steps"]))

    assert steps["dated_on"].notna().sum() == steps["court"].notna().sum() == 499
    con.close()


def test_shares_are_between_nothing_and_all(land):
    shares = pairs(build_map(land.space).path)[["share_of_left", "share_of_right"]]

    assert ((shares > 0) & (shares <= 1)).all(axis=None)
