import pytest

from lindero.app.media.text import cells
from tests import small_map
from tests.answered import at_page, typed
from tests.shown_tables import tables, unpaged


@pytest.fixture
def page(demonstration):
    return at_page(demonstration[0] / "build", "exposure")


def test_the_command_on_the_page_gives_the_rows_on_the_page(page, demonstration, monkeypatch):
    page.slider[0].set_value(3.0).run()
    listed = tables(page)[0]

    answer = typed(page, demonstration[0], monkeypatch)

    rows = answer["communities"]
    assert answer["weights"]["share"] == 3
    assert [row["id"] for row in rows] == listed["name>"].tolist()
    for name, kind in (("rank", "number"), ("share", "share")):
        ends = [cells.format_range(row[f"{name}_low"], row[f"{name}_high"], kind) for row in rows]
        assert ends == listed[f"{name}~"].tolist()
    assert [row["attacks_within_25_km"] for row in rows] == listed["attacks_within_25_km"].tolist()


def test_other_weights_make_another_order_and_its_firmness_is_said(page):
    usual = tables(page)[0]["name>"].tolist()
    assert any("not stable" in part.value for part in page.markdown)

    for slider in page.slider[1:]:
        slider.set_value(0.0)
    page.run()

    alone = tables(page)[0]
    assert alone["name>"].tolist() != usual
    assert alone["share"].head(20).round(9).is_monotonic_decreasing  # ties differ by rounding
    assert any("Only one indicator decides the order" in part.value for part in page.markdown)
    assert not any("stable" in part.value for part in page.markdown)


def test_weights_that_weigh_nothing_are_no_order(page):
    for slider in page.slider:
        slider.set_value(0.0)
    page.run()

    assert "there is no ranking" in page.info[0].value
    assert not tables(page)


def test_fewer_states_of_titles_cover_less(page):
    whole = tables(page)[0].set_index("name>")["title_ha"]
    page.multiselect[0].set_value(["granted"]).run()
    granted = tables(page)[0].set_index("name>")["title_ha"]

    assert (granted.reindex(whole.index) <= whole + 1e-6)[whole.notna()].all()
    assert granted.sum() < whole.sum()


def test_one_community_is_told_with_parts_that_add_up(demonstration):
    wanted = "demo-communities/INV-COM-CUS-008"
    with unpaged():
        page = at_page(demonstration[0] / "build", "exposure", id=wanted)
    whole = tables(page)[0].set_index("name>").loc[wanted]
    by_kind, by_status = tables(page)[1:3]

    assert page.selectbox[0].value == wanted
    assert by_kind["title_ha"].sum() == pytest.approx(whole["title_ha"], abs=0.5)
    assert by_status["title_ha"].sum() == pytest.approx(whole["title_ha"], abs=0.5)
    assert any("77.3% of its land is under concession: at least 74.9%" in part.value for part in page.markdown)


def test_a_map_without_communities_says_why_it_is_empty(tmp_path, monkeypatch):
    shapes = {name: shape for name, shape in small_map.SHAPES.items() if name != "communities"}
    monkeypatch.setattr(small_map, "SHAPES", shapes)
    small_map.publish(tmp_path)

    assert at_page(tmp_path, "exposure").info[0].value == (
        "This map has no data at all on community lands, so it says nothing about them."
    )
