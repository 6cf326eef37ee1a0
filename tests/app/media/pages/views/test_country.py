"""
The record is shown of the workspace's own country, and of others on request, alike on every page and by every command.

In Peru two attacks, one known by its region, and one by its place alone, of which its source names no country; one attack
in Colombia, and one of which nobody tells the country.
"""

import json

import pytest
from typer.testing import CliRunner

import lindero
from lindero.app import library
from lindero.app.answers.record.incidents import read_record
from lindero.app.commands.index import program
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.errors import AnswerError
from tests.answered import at_page, typed
from tests.built import build
from tests.files import Files, concessions, incidents
from tests.shown_tables import figures, texts

HEADER = "code,title,occurred_on,date_precision,region,country,location_precision,visibility,longitude,latitude"
ROWS = (
    "region,Killing,2019-05-01,day,Junín,PE,region,public_record,,",
    "place,Hecho en su lugar,2020-05-01,day,,,exact,public_record,-78.5,-7.0",
    "abroad,Hecho en Cauca,2021-05-01,day,Cauca,CO,region,public_record,,",
    "nowhere,Hecho sin lugar,2021-06-01,day,,,country,public_record,,",
)
IN_PERU = "Attacks on record in Peru"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    i18n.set_language("en")
    files = Files(tmp_path_factory.mktemp("country") / "space")
    files.add("incidents", incidents(*ROWS, header=HEADER), id="i")
    files.add("acts", "\n".join(["incident_id,type", *(f"i/{row.split(',')[0]},killing" for row in ROWS)]))
    files.add("concessions", concessions(1))
    build(files.space)
    return files.folder


def test_an_incident_without_a_country_is_in_that_of_its_place(folder):
    with map_database.connect(next((folder / "build").glob("*.duckdb"))) as con:
        countries = read_record(con).incidents.set_index("code")["country"]

    assert countries.dropna().to_dict() == {"region": "PE", "place": "PE", "abroad": "CO"}


@pytest.mark.parametrize("name", ["attacks", "protection", "browse", "commitments"])
def test_one_number_of_attacks_is_the_same_on_every_page(folder, name):
    assert figures(at_page(folder / "build", name))[IN_PERU] == "2"


def test_time_says_of_which_country_and_years_its_attacks_are(folder):
    shown = figures(at_page(folder / "build", "over_time"))

    assert next(value for label, value in shown.items() if label.startswith(f"{IN_PERU}, ")) == "2"


@pytest.mark.parametrize(("country", "label", "count"), [("CO", "Colombia", "1"), ("all", "all countries", "4")])
def test_other_countries_are_shown_on_request(folder, country, label, count):
    page = at_page(folder / "build", "attacks", country=country)

    assert figures(page)[f"Attacks on record in {label}"] == count


@pytest.mark.parametrize(("country", "label", "count"), [("", "Peru", 2), ("all", "all countries", 3)])
def test_hotspots_compare_one_country_and_others_on_request(folder, monkeypatch, country, label, count):
    asked = {"of": "attacks", "over": "regions", "country": country}
    page = at_page(folder / "build", "hotspots", **{name: value for name, value in asked.items() if value})
    answer = typed(page, folder, monkeypatch)

    assert not page.exception
    assert page.selectbox[0].value == (country or "PE")
    assert any(label in part.proto.body for part in page.get("html"))
    assert ("without a known country is not counted here" in texts(page)) == (not country)
    assert answer["counted"] - answer["without_place"] == count
    assert answer["parameters"]["country"] == (country or "PE")


@pytest.mark.parametrize(("country", "meant"), [("", "PE"), ("pe", "PE"), ("CO", "CO"), ("all", "")])
def test_python_answers_of_the_country_by_the_rule_of_page_and_command(folder, monkeypatch, country, meant):
    asked = []
    report = library.hotspot_report
    monkeypatch.setattr(
        library, "hotspot_report", lambda *args, country: (asked.append(country), report(*args, country="PE"))[1]
    )
    with lindero.open(folder) as held:
        places = held.hotspots("attacks", over="regions", country=country)

    assert asked == [meant]
    assert places["count"].sum() == pytest.approx(2)


def test_python_refuses_what_is_no_country(folder):
    with lindero.open(folder) as held, pytest.raises(AnswerError, match="two letters"):
        held.hotspots("attacks", country="Peru")


def test_a_question_asked_again_keeps_the_country(folder):
    page = at_page(folder / "build", "hotspots", of="attacks", over="regions", country="all")
    page.selectbox[1].set_value("incidents")
    page.button[0].click().run()

    assert (page.query_params["country"], page.query_params["of"]) == ("all", "incidents")
    assert page.selectbox[0].value == "all"


def test_attacks_of_unknown_country_are_named(folder):
    told = "1 attack without a known country is not counted here."

    assert told in texts(at_page(folder / "build", "attacks"))
    assert told not in texts(at_page(folder / "build", "attacks", country="all"))


def test_a_case_abroad_opens_at_its_address_and_is_not_offered_otherwise(folder):
    own = at_page(folder / "build", "case")
    abroad = at_page(folder / "build", "case", id="i/abroad")

    assert len(own.selectbox[1].options) == 2
    assert "Hecho en Cauca" in texts(abroad)


@pytest.mark.parametrize("row", [2, 3])
def test_a_record_with_nothing_in_its_own_country_opens_on_what_it_has(tmp_path, row):
    i18n.set_language("en")
    files = Files(tmp_path / "space")
    files.add("incidents", incidents(ROWS[row], header=HEADER), id="i")
    files.add("acts", f"incident_id,type\ni/{ROWS[row].split(',')[0]},killing")
    build(files.space)

    assert ROWS[row].split(",")[1] in texts(at_page(files.folder / "build", "case"))
    assert figures(at_page(files.folder / "build", "attacks"))["Attacks on record in all countries"] == "1"


@pytest.mark.parametrize(
    ("command", "asked", "key", "found"),
    [
        ("timing", [], "attacks_left_out", 1),
        ("timing", ["--country", "all"], "attacks_left_out", 3),
        ("protection", [], "attacks_elsewhere", 0),
        ("protection", ["--country", "all"], "attacks_elsewhere", 1),
    ],
)
def test_a_command_answers_of_the_workspace_s_country_unless_another_is_asked_for(folder, command, asked, key, found):
    words = [command, *asked, "--format", "json", "--workspace", str(folder)]

    assert json.loads(CliRunner().invoke(program, words).stdout)[key] == found


@pytest.mark.parametrize(("country", "count"), [("", 3), ("all", 4)])  # of one nobody tells the country
def test_a_publication_holds_the_record_of_the_country_unless_all_is_asked_for(folder, tmp_path, country, count):
    words = ["publish", str(tmp_path / "site"), "--dry-run", "--without-vault", "--workspace", str(folder)]
    result = CliRunner().invoke(program, [*words, *(["--country", country] if country else [])])

    assert f"incidents: {count}\n" in result.stderr.casefold().replace("attacks and conflicts", "incidents")
    assert ("incidents in other countries: 1" in result.stderr) == (not country)


def test_a_country_that_is_no_code_is_refused(folder):
    result = CliRunner().invoke(program, ["regions", "--country", "Peru", "--workspace", str(folder)])

    assert result.exit_code == 2
    assert "two letters" in result.stderr


def test_what_the_ranking_of_protection_leaves_out_is_folded(folder):
    page = at_page(folder / "build", "protection")
    folded = next(box for box in page.expander if box.label == "How sure this is, and what is not counted")

    assert "Not used in the ranking" in folded.markdown[0].value
    assert "Not used in the ranking" not in page.markdown[1].value
