"""A record with a random, missing or misspelt visibility is never published, from a file or from the vault."""

import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindero.app.builder.build import build_map
from lindero.app.media.site.select import select_publication
from lindero.layers.database import map_database
from lindero.layers.database.definitions import PUBLIC_RECORD
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds
from lindero.layers.vault import vault_file
from tests.amount import amount
from tests.files import Files, text
from tests.secret_files import TODAY, Secret, chosen, csv_of, made, put

MISSPELT = ["PUBLIC_RECORD", "public record", " public_record", "public_record ", "publicrecord", "público", "public"]
MISSPELT += ["public_record\u200b", "рublic_record", "public_record;restricted", "'public_record'", "1", "true", "None"]
ROWS = 24  # of a map, each with a value of its own
VISIBILITIES = st.one_of(
    st.none(),
    st.sampled_from([PUBLIC_RECORD, "restricted", "confidential", "", *MISSPELT]),
    st.text(max_size=20),
)


def is_it(value):
    return value == PUBLIC_RECORD


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """A map of incidents whose visibility is then overwritten, as by a reader that let anything pass."""
    files = Files(tmp_path_factory.mktemp("visibility") / "space")
    files.add("incidents", csv_of(Secret(n, PUBLIC_RECORD).row() for n in range(ROWS)))
    build_map(files.space)
    return files.space


def overwritten(frame, values):
    return frame.assign(visibility=pd.Series(values, index=frame.index, dtype=object))


@settings(max_examples=amount(4, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VISIBILITIES, min_size=ROWS, max_size=ROWS))
def test_what_stands_in_a_map_is_published_if_it_is_public_record_to_the_letter(space, monkeypatch, values):
    as_built = map_database.read_layer

    def read_layer(con: Connection, layer, **asked):
        rows = as_built(con, layer, **asked)
        return overwritten(rows, values) if layer.name == "incidents" else rows

    with monkeypatch.context() as patched:
        patched.setattr(map_database, "read_layer", read_layer)
        shown = select_publication(space, None, today=TODAY).layers.get("incidents", pd.DataFrame({"title": []}))

    titles = [Secret(n, PUBLIC_RECORD).row()["title"] for n in range(ROWS)]
    expected = [title for title, value in zip(titles, values, strict=True) if is_it(value)]
    assert sorted(shown["title"]) == expected
    assert all(is_it(value) for value in shown.get("visibility", []))


def test_random_misspelt_and_missing_values_of_a_received_file_go_all_the_way_and_none_comes_out(files, tmp_path):
    letters = random.Random(20_261_124)
    drawn = ["".join(letters.choices(f"{PUBLIC_RECORD} _-\u00a0", k=len(PUBLIC_RECORD))) for _ in range(40)]
    values = ["", *MISSPELT, "restricted", "confidential", *drawn]
    rows = [Secret(n, PUBLIC_RECORD).row(visibility=value) for n, value in enumerate(values)]
    cited = Secret(99, PUBLIC_RECORD).row()
    files.add("incidents", csv_of([*rows, cited]))
    map_file = build_map(files.space).path
    held = made(files.folder)
    put(held, files.space, text(tmp_path / "casos.csv", csv_of(row | {"id": f"v-{row['id']}"} for row in rows)))

    shown = chosen(files.space, held)

    forgiven = {row["title"] for row in rows if row["visibility"].strip().lower().replace(" ", "_") == PUBLIC_RECORD}
    titles = set(shown.layers["incidents"]["title"])
    assert cited["title"] in titles
    assert titles - {cited["title"]} <= forgiven  # the reader forgives capitals and spaces, and nothing else
    assert builds.current_map(files.space.build_folder) == map_file
    with vault_file.open_vault(held) as con:
        assert con.execute("SELECT count(*) FROM incidents").fetchone() == (len(rows),)
