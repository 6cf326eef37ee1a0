import re

import pandas as pd
import pytest

from lindero.app.answers.holder_spellings import group_spellings
from lindero.geo.registers import name_matching


def taken_together(*names: str) -> list[set[str]]:
    found = group_spellings(pd.DataFrame({"holder": names, "concessions": range(len(names), 0, -1)}))
    return [set(holder.spellings) for holder in found]


NORTE = "Minera Ejemplo del Norte S.A.C."
VETA = "Minera Veta Grande I S.A."


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (NORTE, "MINERA EJEMPLO DEL NORTE SAC"),
        (NORTE, "Minera Ejemplo del Norte, S.A.C."),
        (NORTE, "Minéra Ejemplo del Norte S.A."),
        (NORTE, "Minera Ejemlpo del Norte S.A.C."),
        ("ACME S.A.", "ACME"),  # the legal form makes no other holder
        ("ACME S.A.", "Acme S.A.C."),
        ("ACME S.A.", "ACME E.I.R.L."),
        ("Южная Земля", "ЮЖНАЯ ЗЕМЛЯ"),
    ],
)
def test_one_company_under_two_spellings_is_one_holder(name, other):
    assert taken_together(name, other) == [{name, other}]


SCRIPTS = [("שלום קהילה", "مجتمع الأرض"), ("कोयला", "किला"), ("鉱山", "森林"), ("***", "###"), ("Южная", "Северная")]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        (NORTE, "Minera Ejemplo del Sur S.A.C."),
        (NORTE, "Minera Muestra del Norte S.A.C."),
        (NORTE, "Ejemplo S.A."),
        (NORTE, ""),
        (VETA, "Minera Veta Grande II S.A."),  # a number is no slip
        (VETA, "Minera Veta Grande 2 S.A."),
        ("ROSA", "ROCA"),  # nor is a letter of a short name
        ("Acme S.A.", "Acne S.A."),
        ("Minera La Granja S.A.C.", "Minera La Zanja S.R.L."),  # nor are two of a name of middle length
        *SCRIPTS,
    ],
)
def test_two_companies_stay_two(name, other):
    assert taken_together(name, other) == [{name}, {other}]


def test_the_holder_goes_by_its_most_frequent_spelling_and_counts_all():
    holders = pd.DataFrame({"holder": ["ACME SA", "Acme S.A.", "Otra"], "concessions": [2, 5, 6]})

    first, second = group_spellings(holders)

    assert (first.name, first.concessions) == ("Acme S.A.", 7)
    assert (second.name, second.concessions) == ("Otra", 6)


def test_nobody_holds_nothing():
    assert group_spellings(pd.DataFrame({"holder": [], "concessions": []})) == []


def test_holders_and_changes_of_holder_go_by_one_rule():
    one, other = "Minera Ejemplo del Norte S.A.", "MINERA EJEMPLO DEL NORTE S.A.C."

    assert name_matching.is_respelling(name_matching.key(one), name_matching.key(other))
    assert taken_together(one, other) == [{one, other}]


def test_a_link_to_a_holder_holds_no_name_and_stays_when_it_is_respelt():
    (one,) = group_spellings(pd.DataFrame({"holder": ["Compañía Minera Ejemplo S.A.C."], "concessions": [1]}))
    (other,) = group_spellings(pd.DataFrame({"holder": ["CIA. MINERA EJEMPLO SAC"], "concessions": [3]}))

    assert one.code == other.code
    assert re.fullmatch("[0-9a-f]{12}", one.code)


@pytest.mark.parametrize(("name", "other"), SCRIPTS)
def test_names_without_latin_letters_have_keys_of_their_own(name, other):
    same = name_matching.is_same_name(name_matching.keys(pd.Series([name])), name_matching.keys(pd.Series([other])))

    assert not same.all() or name == "***"
