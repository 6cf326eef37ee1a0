from lindero.app.answers.record.commitments import load_bundled_steps
from lindero.app.text import i18n
from lindero.app.text.pack_texts import translate_pack_text


def test_every_note_and_treaty_that_is_brought_along_is_said_in_spanish():
    i18n.set_language("es")
    notes = set(load_bundled_steps()["note"].dropna())

    assert notes
    assert all(translate_pack_text(text) != text for text in notes)
    assert translate_pack_text("ILO Convention 169") == "Convenio 169 de la OIT"


def test_what_a_workspace_adds_is_said_as_it_is():
    assert translate_pack_text("Algo propio") == "Algo propio"
    assert translate_pack_text("Ordenanza 1") == "Ordenanza 1"
