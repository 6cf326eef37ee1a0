from lindero.app.commands import options


def test_progress_without_a_terminal_is_a_line_every_ten_seconds(capsys):
    """A short command writes none; the clock is given, so that the machine's speed does not matter."""
    seconds = iter([0, 1, 9, 10, 11, 19, 25])
    step = options.ProgressLines("Building", clock=lambda: next(seconds))
    for done in range(6):
        step("titles", done, 6)

    assert capsys.readouterr().err.splitlines() == ["Building: titles 2/6", "Building: titles 5/6"]


def test_a_command_without_a_terminal_writes_lines(monkeypatch, capsys):
    monkeypatch.setattr(options, "LINE_SECONDS", 0)
    with options.progress_bar("Building") as step:
        step("titles", 1, 2)

    assert capsys.readouterr().err == "Building: titles 1/2\n"
