import pytest

from lindero.layers.model.row_account import FINDING_COLUMNS, REJECTED, REPAIRED, RowAccount


@pytest.mark.parametrize(
    ("table", "columns"), [("rejects", REJECTED), ("repairs", REPAIRED), ("findings", FINDING_COLUMNS)]
)
def test_what_has_nothing_to_tell_has_its_columns_and_is_nobody_else_s(table, columns):
    told = getattr(RowAccount(), table)
    told["row"] = told["row"].astype("str")
    told["other"] = "x"

    again = getattr(RowAccount(), table)
    assert (tuple(again.columns), len(again)) == (columns, 0)
    assert [str(kind) for kind in again.dtypes] == ["int64" if name == "row" else "object" for name in columns]
