import pandas as pd
import pytest

from app.holders import across_spellings


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


@pytest.mark.parametrize("other", ["Minera Ejemplo del Sur S.A.C.", "Minera Muestra del Norte S.A.C.", "Ejemplo S.A."])
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
