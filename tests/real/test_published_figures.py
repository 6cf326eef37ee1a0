"""Published figures against what comes out of the files received."""

import pytest

from bench import published
from tests.files import shared


@pytest.fixture(autouse=True)
def _received():
    shared("amazon-mining-watch")


def told(name):
    lines = list(published.SETS[name]())
    return {line.what: line for line in lines[:-1]}, lines[-1]


def test_hectares_mined_differ_by_generation_and_it_is_said():
    lines, said = told("amw")
    whole, park = (
        line
        for what, line in lines.items()
        if what.startswith(("Entire Amazon, mined in 2018", "Tambopata, mined in 2018"))
    )

    assert whole.here == pytest.approx(225_598.8, abs=0.1)
    assert park.here == pytest.approx(858.13, abs=0.01)
    assert park.published == pytest.approx(1_055.96)
    assert "no growth of mining" in said


def test_of_one_generation_hectares_by_department_come_out_as_published():
    lines, _said = told("amw")
    alike = {what: line for what, line in lines.items() if "generation 2018 to 2025Q3" in what}
    apart = [what for what, line in alike.items() if abs(line.here - line.published) > 0.01]

    assert len(alike) == 16
    assert [what.split(",")[0] for what in apart] == ["Madre de Dios", "Puno", "Cajamarca"]  # scars on the boundary
    assert sum(line.here for line in alike.values()) == pytest.approx(
        sum(line.published for line in alike.values()), abs=1
    )


def test_a_percentage_of_cooperaccion_is_held_against_what_the_cadastre_covers():
    lines, said = told("cooperaccion")
    (line,) = lines.values()

    assert (line.published, line.here) == (48.93, pytest.approx(41.77, abs=0.01))
    assert "69%" in line.what
    assert "ends at 78° W" in said


def test_what_was_published_of_2017_lies_between_the_cadastres():
    lines, said = told("concessions")
    for name in ("Cajamarca", "San Miguel", "Hualgayoc", "San Pablo"):
        then, now = (line for what, line in lines.items() if what.startswith(name))

        assert now.here < then.published < then.here
    assert "no figure is of the same day" in said
