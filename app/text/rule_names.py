"""The notes of the rules of consultation that Lindero brings along, in the reader's language."""

from lindero.app.text.i18n import _
from lindero.layers.errors import N_

NOTES = frozenset(
    {
        N_("The State's rule names later acts; the concession is not among them"),
        N_(
            "A concession by itself does not call for consultation; it does where it affects a people directly, the "
            "court held"
        ),
        N_(
            "To grant concessions on communities' land without consultation is against article 15 of Convention 169, "
            "the court held"
        ),
        N_("Concessions laid on communities' land without consultation are void, the court held"),
        N_("Before exploration may begin"),
        N_("Where the ministry finds that an indigenous people lives there and its collective rights are affected"),
        N_("Before exploitation may begin"),
        N_("Before the beneficiation concession, and so before its plant is built"),
        N_("Before mining transport may be built"),
        N_("Before the supreme decree that approves the contract for a lot; said of lots 192, 200 and 201"),
        N_("Before any act of the State that directly affects collective rights of an indigenous people"),
        N_("The regulation of Law 29785: how a consultation is held, and that its agreements are written down"),
    }
)


def note(text: str) -> str:
    """Say a note of `data/consultation_rules.csv`."""
    return _(text) if text in NOTES else text
