"""The lists of the pages that analyse: what changed, how exposed, what is hot, what came before and after."""

import pandas as pd

from app import changes_in_words, columns
from app.i18n import _


def changes(rows: pd.DataFrame) -> None:
    """List changes of a register, as `app.changes` gives them."""
    columns.table(
        changes_in_words.table(rows),
        alt=_("What changed, with whose ground it touches"),
        change=columns.text(_("Change")),
        name=columns.text(_("Name")),
        communities=columns.text(_("Communities touched")),
        protected_areas=columns.text(_("Protected areas touched")),
        gained_ha=columns.number(_("Hectares gained")),
        lost_ha=columns.number(_("Hectares lost")),
        before=columns.text(_("Before")),
        after=columns.text(_("Now")),
        holder=columns.text(_("Holder")),
    )
