"""The parts of the page of missing protection: its answer, how firm ranks are, two sides compared, what to cite."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from lindero.app.answers.answer import Section, count_figure, finding_section
from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, LABELS, LAYERS, Needs
from lindero.app.answers.ranking.exposure import IN_FORCE
from lindero.app.answers.ranking.weights import rank_label
from lindero.app.answers.regions import elsewhere_text
from lindero.app.current import cached_answers, map_layers, open_map
from lindero.app.record.tallies import attacks_label, people_text
from lindero.app.renderers import cells, columns, links
from lindero.app.text import i18n
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.charts import rank_ranges
from lindero.app.ui.error_message import explained
from lindero.app.ui.forms import need_form
from lindero.app.ui.frame import page
from lindero.app.ui.frame.page import Figures
from lindero.app.ui.maps import choropleth, map_picture
from lindero.app.ui.maps.areas import Look
from lindero.app.ui.tables import lists
from lindero.geo.stats.ranking import TOP

MOST_LISTED = 30  # rows that fit a sheet of paper
SOME = 50  # ranks
SHARE = "share"
_OF_KILLINGS = ["killings", "killings_unstated", "people_killed"]


def name_of(level: str) -> str:
    """Name what is compared."""
    return word("communities" if level == COMMUNITY else f"{level}s")


def answer(found: Needs) -> Section:
    """Return who needs protection most, how firm that is, and a few figures of all together."""
    return finding_section(
        plain(needs_text.first(found)),
        [plain(needs_text.there(found)), plain(needs_text.firm(found))],
        _figures(found),
        details=map(plain, needs_text.besides(found)),
    )


def _figures(found: Needs) -> Figures | None:
    rows = found.rows
    if found.question.level == COMMUNITY or rows.empty:
        return None  # one attack may be near several communities: sums would count it twice
    told = {
        attacks_label(open_map.country()): "attacks",
        _("Of these killings"): "killings",
        _("Cases without an outcome"): "without_outcome",
        _("Attacks without a measure"): "without_measure",
    }
    of_attacks = _("of {n} attacks").format(n=people_text(rows["attacks"].sum(min_count=1)))
    sure = {
        "killings": _("people killed: {n}").format(n=needs_text.killed(rows[_OF_KILLINGS].sum(min_count=1).to_dict())),
        **dict.fromkeys(("without_outcome", "without_measure"), of_attacks),
    }
    known = {name: _known(rows[name], sure[name]) for name in sure}
    every = rows["attacks"].sum() + found.elsewhere
    elsewhere = elsewhere_text(found.elsewhere, found.question.level)
    known["attacks"] = (number(every), elsewhere) if every else _known(rows["attacks"], "")
    return {label: count_figure(*known[name]) for label, name in told.items()}


def _known(counts: "pd.Series[int]", sure: str) -> tuple[str, str]:
    """Give a sum, and how sure it is: where some are not known it is a least one, and a 0 is not known either."""
    total, unknown = counts.sum(min_count=1), int(counts.isna().sum())
    if not unknown:
        return people_text(total), sure
    text = _("not known of {n} of {all}").format(n=number(unknown), all=number(len(counts)))
    is_nothing = pd.isna(total) or not total
    return _("not known") if is_nothing else _("at least {n}").format(n=number(total)), text


def ranges(found: Needs) -> None:
    """Draw how firm the first ranks are, where there is more than one."""
    if len(found.ranked) > 1:
        rank_ranges.show(found.ranked, layers=LAYERS, name=f"protection-ranks-{found.question.level}")


def comparison(found: Needs) -> None:
    """Put two of them, or two spans of years, side by side."""
    names = dict(zip(found.rows["id"], found.rows["name"].fillna(found.rows["id"]), strict=True))
    if not names:
        return
    st.header(_("Two side by side"), anchor=False)
    sides: dict[str, tuple[Needs, str]] = {}
    among = found.question.level
    for column, (label, param) in zip(
        st.columns(2), ((_("The first"), "one"), (_("The second"), "other")), strict=True
    ):
        with column:
            options = list(names) if param == "one" else [*list(names)[1:], *list(names)[:1]]
            one = page.chosen(label, options, names.__getitem__, param=param, among=among)
            since, until = need_form.years(_("Attacks of the years"), f"years-{param}")
        with explained():
            is_all = (since, until) == (None, None)
            of_years = found if is_all else cached_answers.needs(replace(found.question, since=since, until=until))
        title = names[one] if of_years is found else f"{names[one]}, {since}–{until}"
        sides[title if title not in sides else f"{title} ({label})"] = (of_years, one)
    side_by_side(sides)


def needs_table(found: Needs) -> None:
    """List need and protection; of many the first, and all if the reader asks for them."""
    rows, many = found.rows, len(found.rows)
    if many > MOST_LISTED and not st.toggle(_("Show all {n}").format(n=number(many)), key="all", bind="query-params"):
        text = _("The first {n} are listed; the downloaded rows hold all {all}.")
        st.write(text.format(n=number(MOST_LISTED), all=number(many)))
        rows = rows.head(MOST_LISTED)
    need(found, rows)
    protection_table(found, rows)


def to_keep(found: Needs) -> None:
    """Offer the rows."""
    lists.download(found.rows, f"protection-{found.question.level}.csv")


# The lists of the page of missing protection: need and protection side by side, ranked.


def need(found: Needs, rows: pd.DataFrame) -> None:
    """List who needs protection, the greatest need first, with the ranges of ranks and of land under concession."""
    is_part = _is_part(rows)
    told = rows.assign(
        name=rows["name"].fillna(rows["id"]),
        page=_pages(found, rows),
        extent=[
            _("at least: the map has data of {part} of it").format(part=percent(row["covered"], decimals=0))
            if open_
            else cells.between(row["share_low"], row["share_high"], SHARE)
            for row, open_ in zip(rows.to_dict("records"), is_part, strict=True)
        ],
        killed=[needs_text.killed(row) for row in rows.to_dict("records")],
        basis=[_rank_basis(row, of_one=len(found.weights) == 1) for row in rows.to_dict("records")],
    )
    rate = (
        {}
        if found.per is None
        else {"attacks_rate": columns.number(_("Attacks {per}").format(per=needs_text.per(found)))}
    )
    columns.table(
        told.assign(**({name: told[name].astype(float).round(1) for name in rate})),
        alt=_caption(found),
        name=columns.text(_("Name"), link="page"),
        rank=columns.number(rank_label(rows), note="basis"),
        attacks=columns.number(_("Attacks on record")),
        killings=columns.number(_("Of these killings (people killed)"), note="killed"),
        without_outcome=columns.number(_("Cases without an outcome")),
        without_measure=columns.number(_("Attacks without a measure")),
        share=columns.share(_("Land under concession (at least – at most)"), note="extent"),
        more=rate,
    )


def _rank_basis(row: Mapping[Any, Any], *, of_one: bool) -> str:
    """Return the range of a rank, and the indicator that it rests on where one alone of several is known of the row."""
    span = cells.between(row["rank_low"], row["rank_high"], "number")
    if of_one or pd.isna(row["rank"]) or " " in row["rank_by"]:
        return span
    return f"{span}; " + _("by {what} alone").format(what=needs_text.inside(row["rank_by"]))


def _is_part(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Return whether at least so much land is under concession, because the map has data of a part of the ground."""
    return rows["share"].notna() & rows["share_high"].isna()


def _caption(found: Needs) -> str:
    if found.ranked.empty:
        return _("What is known of each, in no order of need")
    if not found.is_by_attacks:
        return _("Ranked by {what} alone").format(what=needs_text.weighed(found))
    return _("Who needs protection, the greatest need first")


def protection_table(found: Needs, rows: pd.DataFrame) -> None:
    """List what protection was asked for and given, for whom, in the same order."""
    rows = rows.assign(name=rows["name"].fillna(rows["id"]), page=_pages(found, rows))
    of_regions = {} if found.per is None else {"communities": columns.number(_("Communities"))}
    columns.table(
        rows,
        alt=_("Protection asked for and given, in the same order"),
        name=columns.text(_("Name"), link="page"),
        asked=columns.number(_("Measures asked for")),
        granted=columns.number(_("Granted")),
        refused=columns.number(_("Refused")),
        for_women=columns.number(_("Granted, gender-responsive")),
        for_groups=columns.number(_("Granted to groups")),
        on_women=columns.number(_("Attacks on women")),
        on_indigenous=columns.number(_("Attacks on indigenous people")),
        population=columns.number(_("Inhabitants")),
        more=of_regions,
    )


def side_by_side(sides: Mapping[str, tuple[Needs, str]]) -> None:
    """Compare rows of one or two answers, by the name of each column: an answer, and the id of a row in it."""
    told = {
        name: _facts(found, found.rows.set_index("id", drop=False).loc[[id_]].to_dict("records")[0])
        for name, (found, id_) in sides.items()
    }
    columns.table(
        pd.DataFrame(
            {
                "what": list(next(iter(told.values()))),
                **{f"side {at}": list(one.values()) for at, one in enumerate(told.values())},
            }
        ),
        alt=i18n.listed(list(told)),
        what=columns.text(_("What is on record")),
        more={f"side {at}": columns.text(name) for at, name in enumerate(told)},
    )


def _pages(found: Needs, rows: pd.DataFrame) -> list[str]:
    if found.question.level == COMMUNITY:
        return links.page("community", rows["id"])
    return links.page("browse", rows["id"], param="region")


def _facts(found: Needs, row: Mapping[Any, Any]) -> dict[str, str]:
    counts = {
        _("Attacks on record"): row["attacks"],
        _("Of these killings"): row["killings"],
        _("Cases without an outcome"): row["without_outcome"],
        _("Attacks without a measure"): row["without_measure"],
        _("Measures asked for"): row["asked"],
        _("Granted"): row["granted"],
        _("Refused"): row["refused"],
        _("Granted, gender-responsive"): row["for_women"],
        _("Granted to groups"): row["for_groups"],
        _("Attacks on women"): row["on_women"],
        _("Attacks on indigenous people"): row["on_indigenous"],
    }
    rate = (
        {}
        if found.per is None
        else {_("Attacks {per}").format(per=needs_text.per(found)): _figure(row["attacks_rate"], 1)}
    )
    return {
        _("Rank"): _place(row, len(found.ranked)),
        **{name: _figure(count) for name, count in counts.items()},
        **rate,
        _("People killed, where told"): needs_text.killed(row),
        _("Land under concession"): cells.UNKNOWN if pd.isna(row["share"]) else _land(row),
    }


def _land(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["share_high"]):
        return _("at least {n}").format(n=percent(row["share"]))
    return f"{percent(row['share'])} ({cells.between(row['share_low'], row['share_high'], SHARE)})"


def _place(row: Mapping[Any, Any], count: int) -> str:
    if pd.isna(row["rank"]):
        return _("not ranked")
    if pd.isna(row["rank_low"]):
        return _("{rank} of {count} (one indicator alone decides)").format(
            rank=number(row["rank"]), count=number(count)
        )
    text = _("{rank} of {count} ({between})")
    between = rank_ranges.between(row["rank_low"], row["rank_high"])
    return text.format(rank=number(row["rank"]), count=number(count), between=between)


def _figure(value: Any, decimals: int = 0) -> str:
    return _("not known") if pd.isna(value) else number(value, decimals=decimals)


# The map of missing protection: regions by one of the things that weigh, communities by their rank.


def show(found: Needs) -> None:
    """Draw what was compared, and offer a picture of it."""
    if found.question.level == COMMUNITY:
        title, drawn = _("Need of protection"), (_communities(found), _ranks(len(found.ranked)))
    else:
        title, drawn = _regions(found)
    map_picture.show(
        *drawn,
        title=title,
        finding=needs_text.first(found),
        layers=LAYERS,
        key=f"protection-{found.question.level}",
        underneath=(),
    )


def _regions(found: Needs) -> tuple[str, choropleth.Drawn]:
    labels = {name: _label(name, found) for name in LABELS}
    measure = page.chosen(_("On the map"), list(labels), labels.__getitem__, param="map")
    rows = found.rows.rename(columns={"id": "region"}).set_index("region")
    values = rows[measure if measure == SHARE or found.per is None else f"{measure}_rate"].astype(float)
    bounds = choropleth.bounds_said(is_share=measure == SHARE)
    with explained():
        shapes = map_layers.shapes_of_regions(found.question.level, tuple(rows.index))
    is_part = _is_part(rows) & (measure == SHARE)
    texts = values.map(_wording(measure))
    said = texts.where(~is_part, [_("at least {n}").format(n=text) for text in texts])
    return labels[measure], choropleth.regions_map(shapes, rows.assign(said=said), values, said=bounds, is_part=is_part)


def _label(name: str, found: Needs) -> str:
    if name == SHARE or found.per is None:
        return _(LABELS[name])
    return _("{what} {per}").format(what=_(LABELS[name]), per=needs_text.per(found))


def _wording(measure: str) -> Callable[[float], str]:
    def said(value: float) -> str:
        if pd.isna(value):
            return _("no data here")
        return percent(value) if measure == SHARE else number(value, decimals=1)

    return said


def _communities(found: Needs) -> gpd.GeoDataFrame:
    with explained():
        lands = cached_answers.lands(IN_FORCE)
    rows = found.rows
    look = [f"from-{sum(rank > end for end in (TOP, SOME))}" if pd.notna(rank) else "unranked" for rank in rows["rank"]]
    told = {
        "name": rows["name"].fillna(rows["id"]),
        "said": [needs_text.attacks(row, found) for row in rows.to_dict("records")],
        "look": look,
    }
    return gpd.GeoDataFrame(told, geometry=lands["geometry"].reindex(rows["id"]).to_numpy(), crs=lands.crs)


def _ranks(count: int) -> list[Look]:
    spans = ((1, TOP), (TOP + 1, SOME), (SOME + 1, count))
    kinds = (("crossed", 0.6), ("rising", 0.35), ("dotted", 0.12))
    text = _("Ranks {first} to {last}")
    return [
        *(
            Look(f"from-{at}", text.format(first=number(first), last=number(min(last, count))), choropleth.COLOR, *kind)
            for at, ((first, last), kind) in enumerate(zip(spans, kinds, strict=True))
        ),
        Look("unranked", _("not ranked"), "#6b6b6b", "plain", 0.05),
    ]
