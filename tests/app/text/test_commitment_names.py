from lindero.app.record.commitments import bundled
from lindero.app.text import i18n
from lindero.app.text.commitment_names import INSTRUMENTS, NOTES, instrument, note


def test_every_note_and_treaty_that_is_brought_along_is_said_in_spanish():
    i18n.use("es")
    told = bundled()
    notes = set(told["note"].dropna())

    assert notes == NOTES
    assert set(told["instrument"]) >= INSTRUMENTS
    assert all(note(text) != text for text in notes)
    assert instrument("ILO Convention 169") == "Convenio 169 de la OIT"


def test_what_a_workspace_adds_is_said_as_it_is():
    assert note("Algo propio") == "Algo propio"
    assert instrument("Ordenanza 1") == "Ordenanza 1"
