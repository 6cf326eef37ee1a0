"""Each file of the corpus has the outcome that stands beside it: nothing is silently wrong, and nothing is a traceback."""

import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.layers.errors import LayerError
from lindero.layers.workspace.source_options import SourceOptions
from tests.bad.make import BAD
from tests.files import TODAY

NAMELESS = {"hondo.zip", "zonas.csv"}  # what is in them is named


def told(frame, column):
    return set(zip(frame["row_number"], frame[column], strict=True))


def test_the_corpus_is_large_enough():
    assert len(BAD) >= 120


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_has_the_outcome_that_it_must(files, tmp_path, name):
    case = BAD[name]
    folder = tmp_path / "received"
    folder.mkdir()
    path = case.write(folder)
    wishes = SourceOptions(**{"layer": "concessions", "publisher": "P", "snapshot_on": "2026-01-01", **case.wishes})
    if case.refused:
        with pytest.raises(LayerError, match=case.refused) as refused:
            plan_source(str(path), wishes, files.space, today=TODAY)
        assert path.stem in str(refused.value) or name in NAMELESS
        return
    taken = plan_source(str(path), wishes, files.space, today=TODAY)
    account = taken.source.iloc[0]
    rows = taken.tables[wishes.layer]

    assert account["rows_read"] == account["rows_kept"] + account["rows_rejected"]
    assert account["rows_kept"] == case.kept
    assert told(taken.rejects, "reason") == set(case.rejects.items())
    assert told(taken.repairs, "repair") == set(case.repairs.items())
    assert set(case.findings.items()) <= told(taken.findings, "finding")
    assert case.findings or not told(taken.findings, "finding") - {(row, "duplicate_geometry") for row in range(9)}
    for column, values in case.columns.items():
        assert [str(value) if not isinstance(values[0], float) else value for value in rows[column]] == values
