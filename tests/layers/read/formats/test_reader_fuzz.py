"""Any bytes under any name are read with every row accounted for, or refused with a sentence: never anything else."""

import datetime as dt
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindero.app.builder.add.plan import plan_source
from lindero.geo import GeoError
from lindero.layers.errors import LayerError
from lindero.layers.read.reader import read
from lindero.layers.workspace.source_options import SourceOptions
from tests.amount import amount
from tests.files import concessions, geojson, incidents, text

pytestmark = pytest.mark.statistics

EXAMPLES = int(os.environ.get("LINDERO_FUZZ_FILES", amount(20, 2_000)))
FORMS = ["geojson", "gpkg", "fgb", "shp", "kml", "parquet", "csv"]
FUZZED = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    frame = concessions(4)
    geojson(folder / "a.geojson", frame)
    frame.to_file(folder / "a.gpkg", driver="GPKG")
    frame.to_file(folder / "a.fgb", driver="FlatGeobuf")
    frame.to_file(folder / "a.kml", driver="KML")
    frame.to_file(folder / "a.shp")
    frame.to_parquet(folder / "a.parquet")
    text(folder / "a.csv", incidents("I1,2024-01-31,Lugar,public_record,-78.5,-7", "I2,31/01/2024,Ñ,restricted,1,x"))
    return {form: (folder / f"a.{form}").read_bytes() for form in FORMS}, folder


@FUZZED
@given(
    form=st.sampled_from(FORMS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8)), max_size=6),
    end=st.floats(0.2, 1),
)
def test_a_damaged_file_is_read_row_for_row_or_refused(seeds, form, changes, end):
    contents, folder = seeds
    content = bytearray(contents[form])
    for place, put in changes:
        at = int(place * len(content))
        content[at : at + len(put)] = put
    path = folder / f"a.{form}"
    path.write_bytes(bytes(content[: int(end * len(content))]) if end < 0.9 else bytes(content))
    try:
        received = read(path)
    except LayerError:
        return
    finally:
        path.write_bytes(contents[form])
    assert received.row_count == len(received.rows) + len(received.account.rejects)
    assert received.rows.index.is_unique
    assert not set(received.account.rejects["row"]) & set(received.rows.index)


cells = st.one_of(
    st.sampled_from(["", "-78.5", "-7,1", "78°30' O", "05/06/2010", "1.018,75", "nan", "=1+1", "public_record", "Ñ"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@FUZZED
@given(
    header=st.lists(
        st.sampled_from(["code", "name", "longitude", "latitude", "occurred_on", "visibility", "zona"]),
        min_size=1,
        max_size=7,
    ),
    rows=st.lists(st.lists(cells, max_size=8), max_size=6),
    sign=st.sampled_from(",;\t|"),
)
def test_any_table_is_mapped_and_checked_row_for_row_or_refused(files_for_fuzz, header, rows, sign):
    files, folder = files_for_fuzz
    path = text(folder / "a.csv", "\n".join(sign.join(line) for line in [header, *rows]))
    try:
        taken = plan_source(
            str(path), SourceOptions(layer="incidents", publisher="P"), files.space, today=dt.date(2026, 1, 1)
        )
    except (LayerError, GeoError):
        return
    account = taken.source.iloc[0]
    assert account["rows_read"] == account["rows_kept"] + account["rows_rejected"]


@pytest.fixture(scope="module")
def files_for_fuzz(tmp_path_factory):
    from tests.files import Files

    folder = tmp_path_factory.mktemp("fuzz")
    return Files(folder / "space"), folder
