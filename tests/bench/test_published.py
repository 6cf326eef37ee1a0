"""Published figures are computed anew, and the difference is printed."""

import re

import pytest

from bench import published

DIGITS = 5e-9


def test_what_pysal_prints_comes_out_here():
    lines = list(published.pysal())

    assert len(lines) == 14
    assert [line.here for line in lines] == pytest.approx([line.published for line in lines], abs=DIGITS)


def test_the_command_prints_both_and_their_difference(capsys):
    published.main("pysal")

    told = capsys.readouterr().out
    assert re.search(r"Zs of point 1 +-1\.3973 +-1\.3973 +[+-]0\.0000", told)


def test_a_set_that_there_is_not_is_refused():
    with pytest.raises(SystemExit, match="there are amw, concessions, cooperaccion, pysal"):
        published.main("atlas")


def test_every_figure_has_its_address_and_its_generation():
    for name in ("amw", "concessions", "cooperaccion"):
        rows = published.read_figures(name)

        assert len(rows)
        assert rows["source_url"].str.startswith("http").all()
        assert rows["generation"].notna().all()
