"""An operator says of a source what was not said when it was added, on the page of sources."""

import pytest

from lindero.app.media.pages.current import open_map
from lindero.layers.workspace import manifest_file
from tests.answered import at_page
from tests.built import build
from tests.files import concessions
from tests.shown_tables import tables


@pytest.fixture
def operated(files):
    files.add("concessions", concessions(), id="c", coverage="", retrieved_on="2026-01-02")
    build(files.space)
    open_map.set_operated_workspace(files.folder)
    yield files
    open_map.set_operated_workspace(None)


def filled(page, **values):
    for box in page.text_input:
        name = str(box.key).partition("-")[0]
        if name in values:
            box.set_value(values[name])
    return next(one for one in page.button if one.label == "Save and build the map").click().run()


def test_what_is_said_on_the_page_is_in_the_manifest_and_on_the_map(operated):
    page = filled(
        at_page(operated.space.build_folder, "sources"),
        coverage="PE-CAJ",
        covers_from="2012-01-01",
        covers_to="2021-12-31",
    )
    (entry,) = manifest_file.load_workspace(operated.folder).sources

    assert not page.exception
    assert (entry.coverage, entry.covers_from, entry.covers_to) == ("PE-CAJ", "2012-01-01", "2021-12-31")
    assert [one.value for one in page.success] == ["The details of c were saved and the map was built."]
    assert tables(page)[0]["covers"].tolist() == ["Cajamarca (declared)"]
    assert tables(page)[0]["covers~"].tolist() == ["January 1, 2012 to December 31, 2021 (declared)"]


def test_a_file_of_the_machine_cannot_be_named_and_a_wrong_date_changes_nothing(operated, tmp_path):
    secret = tmp_path / "secret.geojson"
    secret.write_text("{}", encoding="utf-8")
    for values in ({"coverage": str(secret)}, {"covers_to": "yesterday"}):
        page = filled(at_page(operated.space.build_folder, "sources"), **values)
        assert page.error
    assert not manifest_file.load_workspace(operated.folder).sources[0].coverage
    assert not any("secret" in path.name for path in operated.folder.rglob("*"))


def test_nobody_else_sees_the_form(operated):
    open_map.set_operated_workspace(None)

    assert not [one for one in at_page(operated.space.build_folder, "sources").button if "Save" in one.label]
