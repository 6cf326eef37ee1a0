import re

import pandas as pd
import pytest

from lindero.app.answers.holder import across_spellings
from lindero.geo.registers import name_matching


def taken_together(*names: str) -> list[set[str]]:
    found = across_spellings(pd.DataFrame({"holder": names, "concessions": range(len(names), 0, -1)}))
    return [set(holder.spellings) for holder in found]


@pytest.mark.parametrize(
    "other",
    [
        "MINERA EJEMPLO DEL NORTE SAC",
        "Minera Ejemplo del Norte, S.A.C.",
        "Minéra Ejemplo del Norte S.A.",
        "Minera Ejemlpo del Norte S.A.C.",
    ],
)
def test_one_company_under_two_spellings_is_one_holder(other):
    name = "Minera Ejemplo del Norte S.A.C."

    assert taken_together(name, other) == [{name, other}]


@pytest.mark.parametrize(
    "other", ["Minera Ejemplo del Sur S.A.C.", "Minera Muestra del Norte S.A.C.", "Ejemplo S.A.", ""]
)
def test_two_companies_stay_two(other):
    name = "Minera Ejemplo del Norte S.A.C."

    assert taken_together(name, other) == [{name}, {other}]


def test_the_holder_goes_by_its_most_frequent_spelling_and_counts_all():
    holders = pd.DataFrame({"holder": ["ACME SA", "Acme S.A.", "Otra"], "concessions": [2, 5, 6]})

    first, second = across_spellings(holders)

    assert (first.name, first.concessions) == ("Acme S.A.", 7)
    assert (second.name, second.concessions) == ("Otra", 6)


def test_nobody_holds_nothing():
    assert across_spellings(pd.DataFrame({"holder": [], "concessions": []})) == []


@pytest.mark.parametrize("other", ["ACME", "Acme S.A.C.", "ACME E.I.R.L."])
def test_the_legal_form_makes_no_other_holder(other):
    assert taken_together("ACME S.A.", other) == [{"ACME S.A.", other}]


@pytest.mark.parametrize("other", ["Minera Veta Grande II S.A.", "Minera Veta Grande 2 S.A.", "ROCA", "Acne S.A."])
def test_a_number_or_a_short_name_is_no_slip(other):
    name = {"ROCA": "ROSA", "Acne S.A.": "Acme S.A."}.get(other, "Minera Veta Grande I S.A.")

    assert taken_together(name, other) == [{name}, {other}]


def test_two_slips_in_a_name_of_middle_length_make_another_name():
    assert taken_together("Minera La Granja S.A.C.", "Minera La Zanja S.R.L.") == [
        {"Minera La Granja S.A.C."},
        {"Minera La Zanja S.R.L."},
    ]


def test_holders_and_changes_of_holder_go_by_one_rule():
    one, other = "Minera Ejemplo del Norte S.A.", "MINERA EJEMPLO DEL NORTE S.A.C."

    assert name_matching.respelt(name_matching.key(one), name_matching.key(other))
    assert taken_together(one, other) == [{one, other}]


def test_a_link_to_a_holder_holds_no_name_and_stays_when_it_is_respelt():
    (one,) = across_spellings(pd.DataFrame({"holder": ["Compañía Minera Ejemplo S.A.C."], "concessions": [1]}))
    (other,) = across_spellings(pd.DataFrame({"holder": ["CIA. MINERA EJEMPLO SAC"], "concessions": [3]}))

    assert one.code == other.code
    assert re.fullmatch("[0-9a-f]{12}", one.code)


@pytest.mark.parametrize(
    ("name", "other"),
    [("שלום קהילה", "مجتمع الأرض"), ("कोयला", "किला"), ("鉱山", "森林"), ("***", "###"), ("Южная", "Северная")],
)
def test_names_without_latin_letters_are_told_apart(name, other):
    assert taken_together(name, other) == [{name}, {other}]
    assert (
        not name_matching.same(name_matching.keys(pd.Series([name])), name_matching.keys(pd.Series([other]))).all()
        or name == "***"
    )


def test_a_name_in_another_script_is_one_in_capitals_or_not():
    assert taken_together("Южная Земля", "ЮЖНАЯ ЗЕМЛЯ") == [{"Южная Земля", "ЮЖНАЯ ЗЕМЛЯ"}]
