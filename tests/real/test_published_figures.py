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


def test_what_was_published_of_2017_lies_between_the_cadastres():
    lines, said = told("concessions")
    for name in ("Cajamarca", "San Miguel", "Hualgayoc", "San Pablo"):
        then, now = (line for what, line in lines.items() if what.startswith(name))

        assert now.here < then.published < then.here
    assert "CooperAcción's own tables by department could not be read" in said
