"""The lists of the page of missing protection: need and protection side by side, ranked."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lindero.app.answers.protection import needs_text
from lindero.app.answers.protection.needs import COMMUNITY, Needs
from lindero.app.text.i18n import _, number, percent
from lindero.app.ui.tables import cells, columns, links


def need(found: Needs, rows: pd.DataFrame) -> None:
    """List who needs protection, the greatest need first, with the ranges of ranks and of land under concession."""
    told = rows.assign(
        range_=[_range(low, high) for low, high in zip(rows["rank_low"], rows["rank_high"], strict=True)],
        name=rows["name"].fillna(rows["id"]),
        page=_pages(found, rows),
        killed=[needs_text.killed(row) for row in rows.to_dict("records")],
        land=[cells.between(row["share_low"], row["share_high"]) for row in rows.to_dict("records")],
    )
    rate = (
        {}
        if found.per is None
        else {"attacks_rate": columns.number(_("Attacks {per}").format(per=needs_text.per(found)))}
    )
    columns.table(
        told.assign(**({name: told[name].astype(float).round(1) for name in rate})),
        alt=_("Who needs protection, the greatest need first"),
        name=columns.text(_("Name"), link="page"),
        rank=columns.number(_("Rank")),
        range_=columns.text(_("Rank under other weights"), by="rank_low"),
        attacks=columns.number(_("Attacks on record")),
        killings=columns.number(_("Of these killings")),
        killed=columns.text(_("People killed, where told")),
        without_outcome=columns.number(_("Cases without an outcome")),
        without_measure=columns.number(_("Attacks without a measure")),
        share=columns.share(_("Land under concession")),
        land=columns.text(_("At least – at most"), by="share_low"),
        more=rate,
    )


def protected(found: Needs, rows: pd.DataFrame) -> None:
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
        name: _told(found, found.rows.set_index("id", drop=False).loc[[id_]].to_dict("records")[0])
        for name, (found, id_) in sides.items()
    }
    columns.table(
        pd.DataFrame(
            {
                "what": list(next(iter(told.values()))),
                **{f"side {at}": list(one.values()) for at, one in enumerate(told.values())},
            }
        ),
        alt=_("Two side by side"),
        what=columns.text(_("What is on record")),
        more={f"side {at}": columns.text(name) for at, name in enumerate(told)},
    )


def _pages(found: Needs, rows: pd.DataFrame) -> list[str]:
    if found.asked.level == COMMUNITY:
        return links.page("community", rows["id"])
    return links.page("browse", rows["id"], param="region")


def _told(found: Needs, row: Mapping[Any, Any]) -> dict[str, str]:
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
        _("Land under concession"): cells.UNKNOWN
        if pd.isna(row["share"])
        else f"{percent(row['share'])} ({cells.between(row['share_low'], row['share_high'])})",
    }


def _place(row: Mapping[Any, Any], count: int) -> str:
    if pd.isna(row["rank"]):
        return _("not ranked")
    text = _("{rank} of {count} ({low} to {high})")
    figures = {name: number(row[f"rank_{name}"]) for name in ("low", "high")}
    return text.format(rank=number(row["rank"]), count=number(count), **figures)


def _figure(value: Any, decimals: int = 0) -> str:
    return _("not known") if pd.isna(value) else number(value, decimals=decimals)


def _range(low: Any, high: Any) -> str:
    return _("not ranked") if pd.isna(low) else f"{number(low)}–{number(high)}"
