import pytest

from lindero.app.commands import options
from lindero.app.text import i18n


@pytest.fixture(autouse=True)
def english():
    i18n.set_language("en")


def written(capsys, steps, seconds):
    """Return the lines for steps (name, done, total) at the given seconds; the clock is given, not the machine's."""
    times = iter([0, *seconds])
    progress = options.ProgressLines("Building", clock=lambda: next(times))
    for step in steps:
        progress(*step)
    return capsys.readouterr().err.splitlines()


def test_a_long_step_has_a_line_every_ten_seconds_with_the_time_left(capsys):
    lines = written(capsys, [("titles", done, 6) for done in range(6)], [1, 2, 9, 11, 12, 22])

    assert lines == [
        "Building: titles 3/6, about 10 seconds left",
        "Building: titles 5/6, about 4 seconds left",
    ]


def test_each_step_has_a_line_and_lines_are_a_second_apart(capsys):
    steps = [("titles", 0, 2), ("lands", 0, 2), ("tiles", 0, 3), ("tiles", 1, 3)]

    assert written(capsys, steps, [10, 10.5, 11.6, 12.7]) == [
        "Building: titles 0/2",
        "Building: map tiles 0/3",
    ]


def test_a_short_command_writes_no_lines(capsys):
    assert written(capsys, [("titles", 0, 2), ("titles", 1, 2)], [0.2, 9.9]) == []


@pytest.mark.parametrize(
    ("language", "left"), [("en", "about 3 minutes left"), ("es", "teselas del mapa 1/4; faltan unos 3 minutos")]
)
def test_the_time_left_is_in_the_language_of_the_reader(capsys, language, left):
    i18n.set_language(language)

    assert left in written(capsys, [("tiles", 0, 4), ("tiles", 1, 4)], [0, 60])[0]


def test_a_command_without_a_terminal_writes_lines(monkeypatch, capsys):
    monkeypatch.setattr(options, "LINE_SECONDS", 0)
    with options.progress_bar("Building") as step:
        step("titles", 0, 2)

    assert capsys.readouterr().err == "Building: titles 0/2\n"
