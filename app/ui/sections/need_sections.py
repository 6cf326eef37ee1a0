"""The parts of the page of missing protection: its answer, how firm ranks are, two sides compared, what to cite."""

import datetime as dt
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import streamlit as st

from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, LAYERS, Needs
from lindero.app.current import cache, cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.record.tallies import stated
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, date, number
from lindero.app.ui.charts import rank_ranges
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import need_form
from lindero.app.ui.frame import page
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.tables import lists, need_tables

if TYPE_CHECKING:
    import pandas as pd

MOST_LISTED = 30  # rows that fit a sheet of paper


def called(level: str) -> str:
    """Name what is compared."""
    return word("communities" if level == COMMUNITY else f"{level}s")


def answer(found: Needs) -> tuple[str, list[str], Figures | None]:
    """Say who needs protection most, what that leaves out, and a few figures of all together."""
    return (
        plain(needs_text.first(found)),
        [plain(needs_text.firm(found)), plain(needs_text.besides(found))],
        _figures(found),
    )


def _figures(found: Needs) -> Figures | None:
    rows = found.rows
    if found.asked.level == COMMUNITY or rows.empty:
        return None  # one attack may be near several communities: sums would count it twice
    told = {
        _("Attacks on record"): "attacks",
        _("Of these killings"): "killings",
        _("Cases without an outcome"): "without_outcome",
        _("Attacks without a measure"): "without_measure",
    }
    return {label: (stated(rows[name].sum(min_count=1)), _unknown(rows[name])) for label, name in told.items()}


def _unknown(counts: "pd.Series[int]") -> str:
    unknown = int(counts.isna().sum())
    return _("not known of {n}").format(n=number(unknown)) if unknown else ""


def ranges(found: Needs) -> None:
    """Draw how firm the first ranks are."""
    rank_ranges.show(found.ranked, layers=LAYERS, name=f"protection-ranks-{found.asked.level}")


def compared(found: Needs) -> None:
    """Put two of them, or two spans of years, side by side."""
    names = dict(zip(found.rows["id"], found.rows["name"].fillna(found.rows["id"]), strict=True))
    if not names:
        return
    st.header(_("Two side by side"), anchor=False)
    sides: dict[str, tuple[Needs, str]] = {}
    among = found.asked.level
    for column, (label, param) in zip(
        st.columns(2), ((_("The first"), "one"), (_("The second"), "other")), strict=True
    ):
        with column:
            options = list(names) if param == "one" else [*list(names)[1:], *list(names)[:1]]
            one = page.chosen(label, options, names.__getitem__, param=param, among=among)
            since, until = need_form.years(_("Attacks of the years"), f"years-{param}")
        with explained():
            is_all = (since, until) == (None, None)
            of_years = found if is_all else cached_answers.needs(replace(found.asked, since=since, until=until))
        title = names[one] if of_years is found else f"{names[one]}, {since}–{until}"
        sides[title if title not in sides else f"{title} ({label})"] = (of_years, one)
    need_tables.side_by_side(sides)


def listed(found: Needs) -> None:
    """List need and protection; of many the first, and all if the reader asks for them."""
    rows, many = found.rows, len(found.rows)
    if many > MOST_LISTED and not st.toggle(_("Show all {n}").format(n=number(many)), key="all", bind="query-params"):
        text = _("The first {n} are listed; the downloaded rows hold all {all}.")
        st.write(text.format(n=number(MOST_LISTED), all=number(many)))
        rows = rows.head(MOST_LISTED)
    need_tables.need(found, rows)
    need_tables.protected(found, rows)


def to_keep(found: Needs) -> None:
    """Offer the rows, and a text to cite with version and date."""
    lists.download(found.rows, f"protection-{found.asked.level}.csv")
    st.write(_("To cite this:"))
    st.container(border=True).text(cited(found))


def cited(found: Needs) -> str:
    """Give a text to cite: what, of which map and day, by which version, and when it was seen."""
    sources = provenance.taken(map_layers.sources(), LAYERS)
    days = [source.as_of for source in sources if source.as_of]
    publishers = ", ".join(dict.fromkeys(source.publisher for source in sources if source.publisher))
    text = _(
        "Where is protection missing? {what}. Lindero {version}, map {map}, data as of {day} ({publishers}). "
        "{command}. Seen on {today}."
    )
    return text.format(
        what=called(found.asked.level),
        version=version("lindero"),
        map=cache.version(),
        day=date(max(days)) if days else _("a day that nobody states"),
        publishers=publishers,
        command=" ".join(found.asked.command()),
        today=date(dt.datetime.now(dt.UTC).date()),
    )
