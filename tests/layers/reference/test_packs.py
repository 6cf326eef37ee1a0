"""Every country pack is complete, and each register in it opens without a word of mapping."""

import csv
import datetime as dt
import tomllib

import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.reference.gazetteer import country_gazetteer
from lindero.layers.reference.name_index import name_key
from lindero.layers.services.catalogue import ACCESS, IN_FORCE, load_catalogue
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions

TODAY = dt.date(2026, 11, 30)
COMPLETE = ("es", "pt")  # languages into which every text of a pack is translated
SAMPLES = [
    pytest.param(country, path.parent, sample, id=f"{country}-{sample['file']}")
    for country, path in packs.find_files("samples/samples.toml").items()
    for sample in tomllib.loads(path.read_text(encoding="utf-8"))["sample"]
]
LAW = ("commitments.csv", "protections.csv", "consultation_rules.csv", "information.csv")


def rows_of(name):
    for country, path in packs.find_files(name).items():
        with path.open(encoding="utf-8", newline="") as file:
            yield from ((country, row) for row in csv.DictReader(file))


@pytest.mark.parametrize(("country", "folder", "sample"), SAMPLES)
def test_a_sample_of_a_register_opens_without_a_word_of_mapping(tmp_path, country, folder, sample):
    space = manifest_file.create_workspace(tmp_path / "space", title="x", country=country)
    options = SourceOptions(crs=sample.get("crs", ""), snapshot_on="2026-11-01")
    taken = plan_source(str(folder / sample["file"]), options, space, today=TODAY)
    layer = taken.entry.layer
    kept = taken.tables[layer]
    known = load_catalogue()[sample["source"]]

    assert (layer, taken.mapping.name) == (known.layer, known.mapping)
    assert taken.received.row_count == sample["received"] == len(kept) + len(taken.rejects)
    assert len(taken.rejects) == sample["rejected"]
    assert [name for name in sample["filled"] if kept[name].isna().all()] == []
    for column, counts in sample.get("codes", {}).items():
        assert kept[column].value_counts().to_dict() == counts
    if "area_official_ha" in sample["filled"]:
        both = kept.dropna(subset=["area_official_ha"])
        both = both[both["area_ha"] > 0]
        assert len(both) > 0
        off = abs(both["area_official_ha"] / both["area_ha"] - 1) > 0.01
        assert both.loc[off, "code" if "code" in both else "name"].tolist() == sample.get("other_hectares", [])


@pytest.mark.parametrize("name", load_catalogue())
def test_a_register_says_how_it_can_be_had_and_where_that_was_read(name):
    entry = load_catalogue()[name]

    assert entry.access in ACCESS
    assert entry.lists in {"", IN_FORCE}
    assert entry.seen_in
    assert entry.is_service <= (entry.access in {"open", "closed", "decommissioned"})


@pytest.mark.parametrize("file", LAW)
def test_every_fact_of_the_law_has_its_country_a_source_and_who_read_it(file):
    for country, row in rows_of(file):
        assert country in {row["jurisdiction"], ""}
        assert row["source_url"].startswith(("http://", "https://"))
        assert row["verified"] in {"yes", "copy", "no", "disputed"}


@pytest.mark.parametrize("language", COMPLETE)
def test_every_text_of_a_pack_is_translated(language):
    texts = {row[column] for file in LAW for _, row in rows_of(file) for column in ("note", "gives") if row.get(column)}
    texts |= {entry.note for entry in load_catalogue().values() if entry.note}

    assert texts - packs.load_texts(language).keys() == set()


@pytest.mark.parametrize("code", packs.list_codes())
def test_a_country_has_words_for_its_levels(code):
    country = packs.load_country(code)

    assert country.languages
    assert {*COMPLETE, "en", "fr"} <= country.levels.keys()
    assert len({len(names) for names in country.levels.values()}) == 1


@pytest.mark.parametrize("code", packs.list_codes())
def test_the_example_place_of_a_country_is_found(code):
    place = packs.load_country(code).examples.get("place")

    assert place is None or country_gazetteer(code).find_exact(name_key(place))
