"""The parts of the page of missing protection: its answer, its map, two sides compared, what to cite."""

import datetime as dt
from dataclasses import replace
from importlib.metadata import version

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.exposure import IN_FORCE
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, LAYERS, Needs
from lindero.app.current import cache, cached_answers, map_layers
from lindero.app.output import provenance
from lindero.app.record.tallies import stated
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, date, number, percent
from lindero.app.ui import page
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import need_form
from lindero.app.ui.maps import areas, choropleth, map_view
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.tables import lists, need_tables

FIRST, SOME = 10, 50  # ranks
HEIGHT = 420


def called(level: str) -> str:
    """Name what is compared."""
    return word("communities" if level == COMMUNITY else f"{level}s")


def answer(found: Needs) -> None:
    """Say who needs protection most, and a few figures of all together."""
    st.markdown(f"**{plain(needs_text.first(found))}**")
    st.markdown(plain(needs_text.besides(found)))
    if found.asked.level == COMMUNITY:
        return  # one attack may be near several communities: sums would count it twice
    rows = found.rows
    told = {
        _("Attacks on record"): stated(rows["attacks"].sum(min_count=1)),
        _("Of these killings"): stated(rows["killings"].sum(min_count=1)),
        _("Cases without an outcome"): stated(rows["without_outcome"].sum(min_count=1)),
        _("Attacks without a measure"): stated(rows["without_measure"].sum(min_count=1)),
    }
    page.figures(told)


def drawn(found: Needs) -> None:
    """Draw regions by one of the things that weigh, or communities by their rank."""
    if found.asked.level == COMMUNITY:
        shapes = _communities(found)
        canvas = areas.territory(shapes, _ranks(len(found.ranked)), title=_("Need of protection"), underneath=())
    else:
        canvas = _regions(found)
    map_view.show(canvas, map_view.Choice(), key=f"protection-{found.asked.level}", height=HEIGHT)


def _regions(found: Needs) -> "choropleth.folium.Map":
    labels = {
        name: _(LABELS[name])
        if name == "share"
        else _("{what} {per}").format(what=_(LABELS[name]), per=needs_text.per(found))
        for name in LABELS
    }
    measure = page.chosen(_("On the map"), list(labels), labels.__getitem__, param="map")
    rows = found.rows.rename(columns={"id": "region"}).set_index("region")
    values = rows[measure if measure == "share" else f"{measure}_rate"].astype(float)

    def said(value: float) -> str:
        if pd.isna(value):
            return _("no data here")
        return percent(value) if measure == "share" else number(value, decimals=1)

    with explained():
        shapes = map_layers.shapes_of_regions(found.asked.level, tuple(rows.index))
    return choropleth.drawn(
        shapes, rows.assign(said=values.map(said, na_action=None)), values, title=labels[measure], said=said
    )


def _communities(found: Needs) -> gpd.GeoDataFrame:
    with explained():
        lands = cached_answers.lands(IN_FORCE)
    rows = found.rows
    ends = [FIRST, SOME]
    look = [f"from-{sum(rank > end for end in ends)}" if pd.notna(rank) else "unranked" for rank in rows["rank"]]
    told = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [needs_text.attacks(row, found) for row in rows.to_dict("records")],
        "look": look,
    }
    return gpd.GeoDataFrame(told, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _ranks(count: int) -> list[Look]:
    spans = ((1, FIRST), (FIRST + 1, SOME), (SOME + 1, count))
    kinds = (("crossed", 0.6), ("rising", 0.35), ("dotted", 0.12))
    text = _("Ranks {first} to {last}")
    return [
        *(
            Look(f"from-{at}", text.format(first=number(first), last=number(min(last, count))), choropleth.COLOR, *kind)
            for at, ((first, last), kind) in enumerate(zip(spans, kinds, strict=True))
        ),
        Look("unranked", _("not ranked"), "#6b6b6b", "plain", 0.05),
    ]


def compared(found: Needs) -> None:
    """Put two of them, or two spans of years, side by side."""
    names = dict(zip(found.rows["id"], found.rows["name"].fillna(found.rows["id"]), strict=True))
    if not names:
        return
    st.subheader(_("Two side by side"), anchor=False)
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
