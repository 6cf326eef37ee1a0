from lindero.app.record.commitments import load_bundled_steps
from lindero.app.text import i18n
from lindero.app.text.commitment_names import INSTRUMENTS, NOTES, translate_instrument, translate_note


def test_every_note_and_treaty_that_is_brought_along_is_said_in_spanish():
    i18n.set_language("es")
    told = load_bundled_steps()
    notes = set(told["note"].dropna())

    assert notes == NOTES
    assert set(told["instrument"]) >= INSTRUMENTS
    assert all(translate_note(text) != text for text in notes)
    assert translate_instrument("ILO Convention 169") == "Convenio 169 de la OIT"


def test_what_a_workspace_adds_is_said_as_it_is():
    assert translate_note("Algo propio") == "Algo propio"
    assert translate_instrument("Ordenanza 1") == "Ordenanza 1"
