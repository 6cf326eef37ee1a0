"""The lists of the pages that analyse: what changed, how exposed, what is hot, what came before and after."""

import pandas as pd

from app import changes_in_words, columns
from app.i18n import _
from app.words import word


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


def exposed(rows: pd.DataFrame) -> None:
    """List communities by their exposure, as `app.exposure` gives them."""
    told = rows.assign(
        range_=[f"{low}–{high}" for low, high in zip(rows["rank_low"], rows["rank_high"], strict=True)],
        recognition=rows["recognition"].map(word),
        name=rows["name"].fillna(rows["id"]),
    )
    columns.table(
        told,
        alt=_("Communities by exposure, the most exposed first"),
        rank=columns.number(_("Rank")),
        range_=columns.text(_("Rank under other weights")),
        name=columns.text(_("Community")),
        share=columns.share(_("Land under title")),
        share_low=columns.share(_("At least")),
        share_high=columns.share(_("At most")),
        titles=columns.number(_("Titles on the land")),
        titles_without_consent=columns.number(_("Of these without consent on record")),
        titles_within_5_km=columns.number(_("Titles within {km} km").format(km=5)),
        titles_within_10_km=columns.number(_("Titles within {km} km").format(km=10)),
        titles_within_25_km=columns.number(_("Titles within {km} km").format(km=25)),
        attacks_within_5_km=columns.number(_("Attacks within {km} km").format(km=5)),
        attacks_within_10_km=columns.number(_("Attacks within {km} km").format(km=10)),
        attacks_within_25_km=columns.number(_("Attacks within {km} km").format(km=25)),
        protected_share=columns.share(_("Land in protected areas")),
        recognition=columns.text(_("Recognition")),
    )


def parts(rows: pd.DataFrame, by: str) -> None:
    """List the parts of a community's land under title, by `kind` or by `status`."""
    columns.table(
        rows.assign(code=rows["code"].map(word), title_ha=rows["title_ha"].round(1)),
        alt=_("Parts of the land under title, which add up to it"),
        code=columns.text({"kind": _("By kind of title"), "status": _("By status of title")}[by]),
        title_ha=columns.number(_("Hectares of ground, counted once")),
    )
