"""The lists of the record's pages: attacks, who was attacked, how cases ended, measures, promises."""

import pandas as pd

from lindero.app.record.case_text import called, placed
from lindero.app.renderers import columns, links
from lindero.app.text.codes import word
from lindero.app.text.countries import country_name
from lindero.app.text.dates import when
from lindero.app.text.i18n import _, number

_ENDINGS = ("conviction", "acquittal", "archived", "open", "nothing_known")


def attacks(rows: pd.DataFrame) -> None:
    """List attacks as `told_attacks` says them."""
    columns.table(
        rows.assign(page=lambda told: links.of_layer("incidents", told["id"])),
        alt=_("Attacks, the latest first"),
        title=columns.text(_("Title"), link="page"),
        on=columns.text(_("Date"), by="occurred_on"),
        acts=columns.text(_("Acts")),
        people=columns.number(_("People attacked")),
        killed=columns.number(_("People killed")),
        place=columns.text(_("Place (how exactly known)"), note="location_precision"),
        sector=columns.text(_("Sector")),
        perpetrator_kind=columns.text(_("By whom")),
        publisher=columns.text(_("Source")),
    )


def conflicts(rows: pd.DataFrame) -> None:
    """List conflicts with the company that their source names, the latest first."""
    phases = rows["conflict_phase"].map(word, na_action="ignore")
    columns.table(
        told_attacks(rows.assign(phase=phases)).assign(page=lambda told: links.of_layer("incidents", told["id"])),
        alt=_("Conflicts, the latest first"),
        title=columns.text(_("Title"), link="page"),
        company=columns.text(_("Company")),
        phase=columns.text(_("Phase of the conflict")),
        on=columns.text(_("Date"), by="occurred_on"),
        acts=columns.text(_("Acts")),
        place=columns.text(_("Place")),
        publisher=columns.text(_("Source")),
    )


def told_attacks(rows: pd.DataFrame) -> pd.DataFrame:
    """Say the codes of attacks in the reader's language, the latest first."""
    latest = rows.sort_values("occurred_on", ascending=False, na_position="last")
    days = zip(latest["occurred_on"], latest["date_precision"], strict=True)
    coded = {name: latest[name].map(word) for name in ("location_precision", "sector", "perpetrator_kind")}
    return latest.assign(
        title=[called(row) for row in latest[["title", "place_text", "region", "country"]].to_dict("records")],
        on=[when(*each) for each in days],
        acts=[", ".join(map(word, types)) for types in latest["types"]],
        place=[placed(row) for row in latest[["place_text", "region", "country"]].to_dict("records")],
        **coded,
    )


def code_counts(rows: pd.DataFrame, label: str) -> None:
    """List how often each code of a picture occurs: `code` (said already), `attacks`, and where there are, `people`."""
    shown = {"code": columns.text(label), "attacks": columns.number(_("Attacks"))}
    if "people" in rows:
        shown["people"] = columns.number(_("People attacked"))
    columns.table(rows, alt=label, fold=columns.of_picture(), more=shown)


def endings(rows: pd.DataFrame, label: str, *, fold: str = "") -> None:
    """List how cases ended, each number beside what it is counted of; `fold` as `columns.table` takes it."""
    columns.table(
        rows.assign(group=_named(rows["group"], rows["country"])),
        alt=label,
        fold=fold,
        group=columns.text(label),
        attacks=columns.number(_("Attacks")),
        known=columns.number(_("Of these with a case on record")),
        more={ending: columns.number(word(ending)) for ending in _ENDINGS},
    )


def measures(rows: pd.DataFrame) -> None:
    """List protection measures by region."""
    columns.table(
        rows.assign(
            region=_named(rows["region"], rows["country"]),
            **{name: rows[name].map(_said_of, na_action="ignore") for name in ("gender_stated", "collective_stated")},
        ),
        alt=_("Protection measures by region"),
        region=columns.text(_("Region")),
        attacks=columns.number(_("Attacks")),
        attacks_without=columns.number(_("Of these without a measure on record")),
        requested=columns.number(_("Measures requested")),
        granted=columns.number(_("Of these granted")),
        refused=columns.number(_("Of these refused")),
        unanswered=columns.number(_("Of these without an answer on record")),
        gender_responsive=columns.number(_("Of these gender-responsive"), note="gender_stated"),
        collective=columns.number(_("Of these collective"), note="collective_stated"),
    )


def _said_of(measures: float) -> str:
    return _("said of {n}").format(n=number(measures))


def _named(codes: "pd.Series[str]", countries: "pd.Series[str]") -> list[str]:
    """Say acts and regions; of a region that is not known its country, or several rows would be called the same."""
    told = []
    for code, country in zip(codes, countries, strict=True):
        unknown = _("region not known")
        if pd.notna(country):
            unknown = _("{country}, region not known").format(country=country_name(country))
        told.append(word(code) if pd.notna(code) else unknown)
    return told


def may_be_same(rows: pd.DataFrame, titles: dict[str, str]) -> None:
    """List pairs of incidents that may be one, with the reasons."""
    columns.table(
        rows.assign(
            left=rows["left_id"].map(titles),
            right=rows["right_id"].map(titles),
            reasons=[", ".join(map(word, reasons)) for reasons in rows["reasons"]],
            left_page=links.of_layer("incidents", rows["left_id"]),
            right_page=links.of_layer("incidents", rows["right_id"]),
        ),
        alt=_("Pairs that may be the same incident"),
        left=columns.text(_("One source"), link="left_page"),
        right=columns.text(_("Another source"), link="right_page"),
        score=columns.share(_("Likeness")),
        reasons=columns.text(_("Why")),
    )


def regions(rows: pd.DataFrame) -> None:
    """List the areas of the map: regions with the attacks known to lie in them."""
    columns.table(
        rows,
        alt=_("Attacks by region"),
        fold=columns.of_picture(),
        region=columns.text(_("Region")),
        attacks=columns.number(_("Attacks")),
        by_area=columns.number(_("Of these known by the region alone")),
        people=columns.number(_("People attacked")),
    )
