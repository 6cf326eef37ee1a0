"""Advice fits the error, not only its family."""

import pytest

from lindero.app.text.error_advice import error_text
from lindero.layers import errors


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (errors.EntryError("there is no source c"), "Nothing was changed."),
        (errors.WithdrawalsError("it is damaged"), "Nothing was changed. `lindero restore` restores a backup."),
        (errors.NotWholeError("rows came twice"), "The next attempt downloads the layer again from the start."),
        (errors.ServiceError("it does not answer"), "The next attempt continues from what was received."),
        (errors.NotBuiltError("there is no map"), "Run `lindero build` first."),
        (errors.WorkspaceError("it is not a workspace"), "`lindero init DIR` creates a workspace"),
    ],
)
def test_each_error_has_its_own_advice(error, advice):
    assert advice in error_text(error)


def test_overlaps_that_no_build_stores_do_not_ask_for_a_build():
    assert "lindero build" not in error_text(errors.NotStoredError("not stored"))
