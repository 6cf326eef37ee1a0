"""Communities of Peru's own files, asked for by name: every medium tells the figures of exposure, and one list of attacks."""

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

from lindero.app.answers.coverage.coverage import read_coverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.overlap.land import read_concessions_on_land
from lindero.app.answers.place.place_search import find_place
from lindero.app.answers.place.position_search import FoundPlace
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.commands.index import program
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.paper import typst_pdf
from lindero.app.media.paper.brief import community as community_brief
from lindero.app.media.phone import sentences
from lindero.app.media.phone.about import Subject
from lindero.app.media.site.pack import find_published_id, open_published_map
from lindero.app.serving.light.answer import answer_place
from lindero.app.text import i18n
from lindero.app.text.escape import escape_markdown, remove_markup
from lindero.layers.database import map_database
from tests.amount import amount
from tests.app_page import at_page
from tests.built import build
from tests.files import TODAY
from tests.real.plans import space_of

FILES = {
    "cadastre": "peru-cadastre-2026/17s_100326.geojson",
    "peasant": "peru-cajamarca/c_campesina.geojson",
    "native": "peru-cajamarca/c_nativa.geojson",
    "conflicts": "peru-conflicts/conflictos.xlsx",
}
ASKED = amount(8, 64)  # communities
LANGUAGES = "es", "pt", "fr"
TYPED = amount(1, 64)  # of these, by the command and on the pages, too
KNOWN = {"El Tingo": (183, 3990.7, 0.9998), "Michiquillay": (30, 5284.6, 0.978), "Chilacat": (24, 3731.4, 0.651)}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return space_of(tmp_path_factory, FILES)


@pytest.fixture(scope="module")
def pocket_texts(space):
    """What a pocket map says of each community that is asked for, by its id in the workspace."""
    i18n.set_language("en")
    with open_published_map(space, today=TODAY) as (pub, con):
        covered, (pairs, _counted) = read_coverage(con), read_concessions_on_land(con)

        def texts(id_):
            key = f"communities:{find_published_id(pub, Subject.COMMUNITY, id_)}"
            return sentences.area_texts(dict(sentences.iter_measured_areas(con, covered, [key], pairs, {}))[key])

        yield texts


@pytest.mark.slow
def test_each_community_is_told_alike_by_every_medium(space, pocket_texts):
    i18n.set_language("en")
    open_map.use_folder(space.build_folder)
    con = map_database.connect(build(space).path)
    table = measure_exposure(con, covered=read_coverage(con)).table
    names = map_layers.communities().set_index("id")["name"]
    asked = [*KNOWN, *names[~names.duplicated(keep=False) & ~names.isin(KNOWN)]][:ASKED]
    differences = []
    for at, name in enumerate(asked):
        place = find_place(f"{name}, comunidad", con, "PE")
        assert isinstance(place, FoundPlace), name
        spot = map_layers.build_spot(place, name)
        assert spot.area is not None, name
        (id_,) = spot.area.ids
        row, report = table.loc[id_], map_layers.area_report(spot.area)
        is_known = pd.notna(row["titles"])  # else no source says that it covers this land
        count, ha = (int(row["titles"]), float(row["title_ha"])) if is_known else (0, 0.0)
        near = {row["id"] for row in map_layers.nearby_attacks(id_, within_km=NEAR_KM)}

        assert (report.land.titles, report.land.footprint_ha) == (count, pytest.approx(ha, abs=0.05)), name
        assert map_layers.measure_community_land(id_) == report.land
        if name in KNOWN:
            known = *KNOWN[name][:2], pytest.approx(KNOWN[name][2], abs=6e-4)
            assert (count, round(ha, 1), report.land.share) == known
        assert is_known or "No concession is recorded" not in answer_place(spot, today=TODAY).verdict, name
        told = texts_of_media(con, spot, id_, pocket_texts(id_), len(near))
        if at < TYPED:
            told |= texts_of_pages(name, id_) | {"command": typed_command(space, name)}
        want = count, pytest.approx(ha, abs=0.5), len(near)  # some sentences write whole hectares
        differences += [(name, medium, want, got) for medium, got in told.items() if got != want]
        digits = {language: digits_of_messages(spot, language) for language in ("en", *LANGUAGES)}
        differences += [(name, language, digits["en"], one) for language, one in digits.items() if one != digits["en"]]
    con.close()
    assert not differences, "\n".join(map(str, differences))


def digits_of_messages(spot, language):
    """Return the digits of the message for WhatsApp, and those of each part of the SMS, in a language."""
    i18n.set_language(language)
    answer = answer_place(spot, today=TODAY).answer
    i18n.set_language("en")
    return [re.sub(r"\D", "", text) for text in (answer.long_message, *answer.message.split("; "))]


def figures(text, ha, attacks):
    """Return what a text says: the concessions, their hectares (first group of `ha`), and attacks (matches of `attacks`)."""
    count, hectares = re.search(r"\b([\d,]+) concessions? ", text), re.search(ha, text)
    return (
        int(count[1].replace(",", "")) if count else 0,
        float(hectares[1].replace(",", "")) if hectares else 0.0,
        len(re.findall(attacks, text)),
    )


LISTED = r"the extent of the (?:district|province) is not on this map"  # what each attack of a list is told with
ONCE = r": ([\d.,]+) ha, each counted once"
OF_IT = r"\(([\d.,]+) of [\d.,]+ ha\)"


def texts_of_media(con, spot, id_, pocket, near):
    """Return the figures that each medium tells; an SMS whose holders leave no room for attacks counts as telling `near`."""
    light, brief = answer_place(spot, today=TODAY), community_brief.build_brief(con, id_)
    attacks = light.answer["incidents"]
    more = re.search(r"^(\d+) more$", "\n".join(map(remove_markup, attacks.lines)), re.MULTILINE)
    shown = figures("\n".join(map(remove_markup, (light.answer["ground"].finding, *attacks.lines))), OF_IT, LISTED)
    sms = told_near(light.answer.message)
    count = re.search(r"([\d,]+) concessions?[;,]", light.answer.message)
    return {
        "light": (*shown[:2], shown[2] + (int(more[1]) if more else 0)),
        "whatsapp": (*figures(light.answer.long_message, OF_IT, "$^")[:2], told_near(light.answer.long_message) or 0),
        "sms": (int(count[1].replace(",", "")) if count else 0, shown[1], near if sms is None else sms),
        "brief": figures(str(typst_pdf.build_sheet_data(brief)), ONCE, LISTED),
        "pack": figures("\n".join((pocket["verdict"], *pocket["attacks"])), OF_IT, LISTED),
    }


def told_near(message):
    """Return the number of attacks and conflicts in and near a place that a message tells; None if it tells of none."""
    counts = re.findall(r"(\d+) (?:attack|conflict)s? (?:in|within)", message)
    return sum(map(int, counts)) if counts else None


def texts_of_pages(name, id_):
    """Return what the rendered pages say: *Community*, and *Near me* where the name was written."""
    community, near_me = at_page("community", id=id_), at_page("near_me")
    near_me.text_input(key="written").input(f"{name}, comunidad").run()
    said = [one.value for one in near_me.markdown]
    finding = next(one for one in said if one.startswith("**") and escape_markdown(name) in one)
    assert not community.exception
    assert not near_me.exception
    return {
        "community": figures("\n".join(one.value for one in community.markdown), ONCE, LISTED),
        "near me": figures("\n".join(one for one in said if one == finding or re.search(LISTED, one)), OF_IT, LISTED),
    }


def typed_command(space, name):
    typed = ["near", f"{name}, comunidad", "--format", "json", "--workspace", str(space.folder)]
    told = json.loads(CliRunner().invoke(program, typed).stdout)
    count = told["area"]["titles"]
    near = [row for row in told["near"] if row["layer"] == "incidents"]
    return count, told["area"]["footprint_ha"], len(near)
