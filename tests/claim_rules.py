"""
What each sentence with a claim must not exceed: one rule by its English text, checked against the rows of the map.

A rule knows nothing of how a sentence was made. It reads the rows and the coverage of the map again, and returns what
is wrong with the sentence, or nothing. `claim_labels.txt` lists the texts that claim nothing about rows: headings,
explanations, and words for a gap; `claim_tried.txt` those that tell what random trials gave, which have tests of their
own.
"""

import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from lindero.app.text.codes import translate_code
from lindero.app.text.escape import remove_markup
from lindero.geo.stats.exposure import STATUSES_IN_FORCE
from lindero.layers.model.schema import LAYERS
from tests.claim_truth import BLUR_M, CELL_M, EQUAL_AREA, NEAR_M, PLACED, STRIP_HA, WHOLE, Truth
from tests.said import Said

KINDS = {
    "concessions": "concessions",
    "community lands": "communities",
    "protected areas": "protected_areas",
    "attacks": "attacks",
    "conflicts": "conflicts",
    "attacks or conflicts": "incidents",
    "consultations": "consultations",
    "protection measures": "protection_measures",
    "steps in court": "case_steps",
    "mining scars": "mining_scars",
    "people attacked": "victims",
    "regions": "regions",
}
LABELS, TRIED = (
    frozenset((Path(__file__).parent / f"claim_{name}.txt").read_text(encoding="utf-8").splitlines())
    for name in ("labels", "tried")
)
ALIKE = 0.85  # share of letters from which two names may be spellings of one, and of ground from which it is no strip
FEW, ALMOST = 20, 0.95  # pairs from which a few strips more or less do not matter, and how little they do
FIRST_YEAR = 2015  # of those that the page *Time* shows at first
RULES: dict[str, Callable[[Truth, Said], str]] = {}


def number(text: object) -> float:
    """Return the first number of a text in English."""
    found = re.search(r"\d[\d,]*\.?\d*", str(text))
    return float(found.group().replace(",", "")) if found else float("nan")


def kinds_of(text: object) -> list[str]:
    names = str(text).replace("attacks or conflicts", "incidents")
    return [KINDS.get(name, name) for name in re.split(r", or |, | or ", names)]


def rule(*msgids: str) -> Callable[[Callable[[Truth, Said], str]], Callable[[Truth, Said], str]]:
    def decorate(check: Callable[[Truth, Said], str]) -> Callable[[Truth, Said], str]:
        RULES.update(dict.fromkeys(msgids, check))
        return check

    return decorate


def find_fault(truth: Truth, said: Said) -> str:
    """Return why a claim is stronger than the rows, or that no rule knows it; empty if nothing is wrong."""
    check = RULES.get(said.msgid)
    if check is None:
        return (
            f"no rule knows the sentence {said.msgid!r}" if said.is_claim and said.msgid not in LABELS | TRIED else ""
        )
    fault = check(truth, said)
    return f"{said.text!r}: {fault}" if fault else ""


# None, no, nothing: a source covers the place, and no row may lie there.


@rule("No {kinds} on record here ({source}).")
def none_here(truth: Truth, said: Said) -> str:
    place = said.about.ground
    for kind in kinds_of(said.filled["kinds"]) if place is not None else ():
        if truth.covered(kind, place) < WHOLE:
            return f"no source covers {kind} here"
        if kind in {"attacks", "conflicts", "incidents"}:
            if truth.near(kind, place)[0]:
                return f"{kind} are near"
        elif len(truth.lying(kind, place)):
            return f"{kind} lie here"
    return ""


@rule(
    "This map has data on {share} of this area ({source}), with no {kinds} on record there. It has no data on the rest."
)
def none_in_part(truth: Truth, said: Said) -> str:
    place = said.about.ground
    kinds = kinds_of(said.filled["kinds"]) if place is not None else []
    inside = [
        kind for kind in kinds if kind in LAYERS and len(truth.lying(kind, place.intersection(truth.ground(kind))))
    ]
    return f"{inside} lie where there is data" if inside else ""


@rule("This map has no data on {kinds} here.")
def no_data_here(truth: Truth, said: Said) -> str:
    place = said.about.ground
    kinds = [kind for kind in kinds_of(said.filled["kinds"]) if kind in KINDS.values()] if place is not None else []
    covered = [kind for kind in kinds if truth.covered(kind, place) >= WHOLE]
    return f"a source covers {covered} here" if covered else ""


@rule("This map has no data at all on {kinds}, so it says nothing about them.")
def no_data_at_all(truth: Truth, said: Said) -> str:
    known = [kind for kind in kinds_of(said.filled["kinds"]) if kind in KINDS.values() and len(truth.rows(kind))]
    return f"the map has {known}" if known else ""


@rule(
    "No concession is recorded here",
    "outside all recorded community land",
    "This place is not in a recorded protected area",
)
def none_at_position(truth: Truth, said: Said) -> str:
    layer = {"No": "concessions", "outside": "communities"}.get(said.msgid.split()[0], "protected_areas")
    place = said.about.ground
    if not truth.covered(layer, place):
        return f"no source covers {layer} here"
    return f"{layer} lie here" if len(truth.lying(layer, place)) else ""


@rule("No concession is recorded on the land of {name}.")
def none_on_land(truth: Truth, said: Said) -> str:
    if truth.covered("concessions", said.about.ground) < WHOLE:
        return "no source covers its land"
    return "concessions lie there" if len(truth.lying("concessions", said.about.ground)) else ""


@rule("no {kinds} on record")
def none_of_holder(truth: Truth, said: Said) -> str:
    place = said.about.ground
    lying = [kind for kind in kinds_of(said.filled["kinds"]) if kind in LAYERS and len(truth.lying(kind, place))]
    return f"{lying} lie there" if lying else ""


@rule(
    "{share} of this region is under concession ({ha} ha, each counted once). Recorded communities with concessions on "
    "their land: {touched} of {communities}."
)
def touched_in_region(truth: Truth, said: Said) -> str:
    touched, communities = (number(said.filled[name]) for name in ("touched", "communities"))
    if not communities and truth.ground("communities").is_empty:
        return "no source of communities says where it has data"
    return (
        f"there are {len(truth.rows('communities'))}"
        if touched > communities or communities > len(truth.rows("communities"))
        else ""
    )


@rule("No overlap is on record where this map has data on both.", "The two layers do not overlap.")
def none_overlaps(truth: Truth, _said: Said) -> str:
    lands = truth.rows("communities").geometry.dropna()
    return "some overlap" if any(len(truth.lying("concessions", land)) for land in lands) else ""


@rule(
    "No attack on record has a date.", "No attack on record has a place and a date that are precise enough to compare."
)
def none_dated(truth: Truth, said: Said) -> str:
    dated = truth.rows("attacks").dropna(subset="occurred_on")
    if "place" in said.msgid:
        dated = dated[dated["location_precision"].isin(PLACED) & (dated["date_precision"] == "day")]
    return f"{len(dated)} have" if len(dated) else ""


@rule(
    "No concession on this map has a grant date.",
    "No concession on this map has a grant date, so nothing can be compared.",
)
def none_granted(truth: Truth, _said: Said) -> str:
    return "some have" if truth.rows("concessions")["granted_on"].notna().any() else ""


# All, only, n of m: the rows that are counted are all the rows that are known.


@rule("It covers all of it ({ha} of {whole} ha)", "It covers {share} of it ({ha} of {whole} ha)")
def covers(truth: Truth, said: Said) -> str:
    place = said.about.ground
    if place is None or not place.area:
        return ""
    shapes = gpd.GeoSeries([place, place.intersection(truth.rows("concessions").union_all())], crs="OGC:CRS84")
    whole, shared = shapes.to_crs(EQUAL_AREA).area / 1e4
    if abs(number(said.filled["ha"]) - shared) > max(
        2, shared / 500
    ):  # edges of 33 km bend in one projection, not in the other
        return f"it is {shared:.1f} ha"
    return f"{shared / whole:.1%} are" if "all" in said.msgid and shared / whole < 0.995 else ""


@rule("Only holder: {names}")
def largest_holders(truth: Truth, said: Said) -> str:
    place = said.about.ground
    if place is None or not place.area:
        return ""
    lying = truth.lying("concessions", place)
    grounds = lying.dropna(subset="holder").groupby("holder")["geometry"].apply(lambda shapes: shapes.union_all())
    ha = gpd.GeoSeries(grounds.intersection(place), crs="OGC:CRS84").to_crs(EQUAL_AREA).area / 1e4
    told = [number(part) for part in re.findall(r"\(([\d,]+) ha\)", remove_markup(said.text))]
    if said.text.startswith("Only") and (len(ha) > 1 or lying["holder"].isna().any()):
        return f"{len(ha)} holders are known, and of {lying['holder'].isna().sum()} concessions none"
    return f"the largest has {ha.max():,.1f} ha" if told and len(ha) and ha.max() > told[0] * 1.01 + 1 else ""


@rule(
    "{n} of {all} concessions do not state when they were applied for.",
    "{n} of {all} concessions do not state when they were granted.",
)
def undated(truth: Truth, said: Said) -> str:
    column = truth.rows("concessions")["applied_on" if "applied" in said.msgid else "granted_on"]
    told = number(said.filled["n"]), number(said.filled["all"])
    return "" if told == (column.isna().sum(), len(column)) else f"it is {column.isna().sum()} of {len(column)}"


@rule("{n} concession has no date on record.")
def without_date(truth: Truth, said: Said) -> str:
    missing = int(truth.rows("concessions")[["applied_on", "granted_on"]].isna().all(axis=1).sum())
    return "" if number(said.filled["n"]) == missing else f"it is {missing}"


@rule(
    "Between {first} and {last}, {n} attack was recorded in {country}.",
    "{n} attacks are on record in {country}; those with a date ({dated}) are from {first} to {last}.",
)
def between_years(truth: Truth, said: Said) -> str:
    years = pd.to_datetime(truth.rows("attacks").query("country == 'PE'")["occurred_on"]).dt.year
    told = number(said.filled["first"]), number(said.filled["last"])
    if told != (years.min(), years.max()):
        return f"it is {years.min()} to {years.max()}"
    within = int(years.notna().sum())
    return "" if number(said.filled.get("dated", said.filled["n"])) == within else f"{within} of them have a date"


@rule("{n} attack or conflict has no recorded location. It is counted but not on the map.")
def without_location(truth: Truth, said: Said) -> str:
    missing = int(truth.rows("incidents").geometry.isna().sum())
    return "" if number(said.text) == missing else f"it is {missing}"


# Most, highest, largest, worst: no other row may have more.


def exceeded(counts: "pd.Series[int]", name: str, unknown: int) -> str:
    others = counts.drop(name, errors="ignore")
    least = counts.get(name, 0)
    if len(others) and least <= others.max() + unknown:
        return f"{others.idxmax()} may have {others.max() + unknown}"
    return f"{unknown} of unknown place or date may be elsewhere" if not len(others) and least <= unknown else ""


@rule("The year with the most attacks on record is {values}.", "The region with the most attacks is {values}.")
def most_attacks(truth: Truth, said: Said) -> str:
    attacks = truth.rows("attacks").query("country == 'PE'")
    years = pd.to_datetime(attacks["occurred_on"]).dt.year.astype("Int64").astype("string")
    values = years if "year" in said.msgid else attacks["region"].replace("", None)
    name = str(said.filled["values"]).rpartition(" (")[0]
    return exceeded(values.value_counts(), name, int(values.isna().sum()))


@rule("Of {all} with a known year ({first} to {last}), most in {year}: {n}.")
def most_in_year(truth: Truth, said: Said) -> str:
    attacks = truth.rows("attacks").query("country == 'PE'")
    years = pd.to_datetime(attacks["occurred_on"]).dt.year.dropna().astype(int)
    counts, year, most = years.value_counts(), int(said.filled["year"]), number(said.filled["n"])
    if number(said.filled["all"]) < len(years):  # those near one place
        return f"{year} has {counts.get(year, 0)}" if counts.get(year, 0) < most else ""
    if number(said.filled["all"]) > len(years) or counts.get(year, 0) != most:
        return f"{len(years)} have a date, {counts.get(year, 0)} of them in {year}"
    return f"{counts.idxmax()} has as many" if (counts >= most).sum() > 1 else ""


@rule("Most frequent where it is stated: {what} ({n} recorded attacks).")
def most_frequent(truth: Truth, said: Said) -> str:
    attacks, victims = truth.rows("attacks").query("country == 'PE'"), truth.rows("victims")
    events = victims.set_index("incident_id")
    lists = [
        truth.rows("acts").set_index("incident_id")["type"],
        attacks.set_index("id")["sector"],
        *(events[name].explode() for name in ("gender", "identity", "people")),
    ]
    for values in lists:
        codes = values[values.index.isin(attacks["id"])].dropna().astype(str).replace("unknown", None).dropna()
        counts = codes.reset_index().drop_duplicates().iloc[:, 1].value_counts()
        if len(counts) > 1 and translate_code(counts.index[0]) == said.filled["what"]:
            return "" if counts.iloc[0] == number(said.filled["n"]) > counts.iloc[1] else f"it is {counts.iloc[0]}"
    return "no code is the most frequent"


@rule("Most common covered share: {shares} ({n} of {all} pairs).")
def most_common_share(truth: Truth, said: Said) -> str:
    titles, lands = _overlapping(truth)
    pairs = gpd.overlay(titles, lands)
    shares = pairs.area / titles.set_index("id").area.reindex(pairs["id"]).to_numpy()
    shares = shares[(pairs.area > STRIP_HA * 1e4) | (shares > ALIKE)]  # a strip is not most of a concession
    counts = (shares.dropna().clip(0, 0.999) * 10).astype(int).value_counts()
    told = {int(low) // 10 for low in re.findall(r"(\d+)-\d+", str(said.filled["shares"]))}
    if counts.empty:
        return ""  # strips only: the accuracy of their boundaries decides which are overlaps
    least = counts.max() * (1 if counts.max() < FEW else ALMOST)
    is_wrong = any(counts.get(tenth, 0) < least for tenth in told) or number(said.filled["n"]) * ALMOST > counts.max()
    return f"it is {counts.to_dict()}" if is_wrong else ""


@rule(
    "Largest overlap: {concession} on {community}, {ha} ha.",
    "One of the largest overlaps: {concession} on {community}, {ha} ha.",
)
def largest_overlap(truth: Truth, said: Said) -> str:
    titles, lands = _overlapping(truth)
    ha = gpd.overlay(titles, lands, keep_geom_type=True).area.max() / 1e4
    return f"it is {ha:,.0f} ha" if abs(ha - number(said.filled["ha"])) > ha * 0.01 + 1 else ""


@rule("{n} recorded concession is on the land of {lands} of the {communities} communities on this map.")
def on_lands(truth: Truth, said: Said) -> str:
    titles, lands = _overlapping(truth)
    pairs = gpd.overlay(titles, lands, keep_geom_type=True)
    most = pairs["id"].nunique(), pairs["land"].nunique(), len(truth.rows("communities"))
    told = [number(said.filled[name]) for name in ("n", "lands", "communities")]
    return f"it is at most {most}" if any(one > limit for one, limit in zip(told, most, strict=True)) else ""


@rule("Not counted: {n} concession that only crosses a boundary by less than its accuracy.")
def only_crossing(truth: Truth, said: Said) -> str:
    titles, lands = _overlapping(truth)
    touching = gpd.overlay(titles, lands, keep_geom_type=True)["id"].nunique()
    return f"{touching} touch a land at all" if number(said.filled["n"]) > touching else ""


def _overlapping(truth: Truth) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    titles, lands = (truth.rows(layer) for layer in ("concessions", "communities"))
    titles, lands = (rows[rows.geom_type.isin({"Polygon", "MultiPolygon"})] for rows in (titles, lands))
    lands = lands[["id", "geometry"]].rename(columns={"id": "land"})
    return titles[["id", "geometry"]].to_crs(EQUAL_AREA), lands.to_crs(EQUAL_AREA)


@rule("Only the country of {n} attack is known; it is not on the map.")
def only_country(truth: Truth, said: Said) -> str:
    attacks = truth.rows("attacks")
    coarse = int((~attacks["location_precision"].isin(["exact", "locality", "district", "province", "region"])).sum())
    return f"it is {coarse}" if number(said.filled["n"]) > coarse else ""


@rule("For {n} region, the data covers only a part: its value is at least the one shown.")
def covered_in_part(truth: Truth, said: Said) -> str:
    partial = int((truth.region_shares["covered"] < WHOLE).sum())
    return f"it is {partial}" if number(said.filled["n"]) > partial else ""


@rule("No concession granted or attack in these years has both a date and a place on the map.")
def none_dated_and_placed(truth: Truth, _said: Said) -> str:
    titles, attacks = truth.rows("concessions"), truth.rows("attacks")
    granted = titles["granted_on"].notna() & titles.geometry.notna()
    placed = attacks["occurred_on"].notna() & attacks["location_precision"].isin(PLACED) & attacks.geometry.notna()
    found = [pd.to_datetime(titles.loc[granted, "granted_on"]), pd.to_datetime(attacks.loc[placed, "occurred_on"])]
    recent = sum(int((days.dt.year >= FIRST_YEAR).sum()) for days in found)
    return f"{recent} have" if recent else ""


@rule("No court case is recorded.")
def no_case(truth: Truth, _said: Said) -> str:
    return "" if set(truth.rows("incidents")["id"]) - set(truth.rows("case_steps")["incident_id"]) else "each has one"


@rule("a conflict; no act of violence is recorded")
def a_conflict(truth: Truth, _said: Said) -> str:
    return "" if len(truth.rows("conflicts")) else "there is no conflict"


@rule("No concession and no attack counted here has a date.")
def none_has_a_date(truth: Truth, _said: Said) -> str:
    titles, attacks = truth.rows("concessions"), truth.rows("attacks").query("country == 'PE'")
    dated = [name for name in ("granted_on", "applied_on") if titles[name].notna().any()]
    dated += ["occurred_on"] if attacks["occurred_on"].notna().any() else []
    return f"{dated} have" if dated else ""


@rule("No concession on this map has a recorded holder.")
def none_has_a_holder(truth: Truth, _said: Said) -> str:
    return "one has" if truth.rows("concessions")["holder"].notna().any() else ""


@rule(
    "There is nothing to compare yet: this map has one snapshot of each register. When you have a later file of the "
    "same register, add it with `lindero add FILE --id ID --snapshot-on DATE` and build again."
)
def one_snapshot_each(truth: Truth, _said: Said) -> str:
    return "a register has several" if truth.has_several_snapshots else ""


@rule("The data covers only part of each region: each value is at least the one shown.")
def each_covered_in_part(truth: Truth, _said: Said) -> str:
    shares = truth.region_shares
    whole = shares[(shares["covered"] >= WHOLE) & (shares["found"] > 0)]
    return f"{list(whole.index)} are covered whole" if len(whole) else ""


@rule("Only its country is known, so it is not on the map.")
def one_only_country(truth: Truth, _said: Said) -> str:
    return "" if truth.rows("incidents").geometry.isna().any() else "all have a place"


@rule(
    "{count} of {all} have only an area as their location. Each is placed at random in it, {draws} times.",
    "{count} are known only by their region or province and are not counted here. "
    "They are counted when regions are compared.",
)
def placed_at_random(truth: Truth, said: Said) -> str:
    coarse = int((~truth.rows("incidents")["location_precision"].isin({"exact"})).sum())
    return f"{coarse} have no exact place" if number(said.filled["count"]) > coarse else ""


@rule("Holders and applicants with the most concessions: {holders}.")
def most_concessions(truth: Truth, said: Said) -> str:
    named = re.findall(r"(.+?) \((\d+)\)(?:, and |, | and |$)", str(said.filled["holders"]))
    counts = [int(count) for _name, count in named]
    recent = truth.recent().drop_duplicates("id")["holder"].value_counts()
    others = recent.drop([name for name, _count in named], errors="ignore")
    if any(low < high for low, high in pairwise(counts)):
        return "they are not in order"
    return f"{others.idxmax()} has as many" if len(others) and others.max() >= counts[-1] else ""


@rule(
    "{measure}: highest in {name}, with {value}.",
    "{measure}: highest in {name}, with {value}, of the {known} that are known (not known: {unknown}).",
)
def highest(truth: Truth, said: Said) -> str:
    measure, name = str(said.filled["measure"]).lower(), str(said.filled["name"])
    if "concession" in measure and "share" in measure:
        shares = truth.region_shares
        others = shares.drop(name.lower(), errors="ignore")
        is_open = (others["covered"] < WHOLE) & ((others["found"] > 0) | ("known" not in said.filled))
        ends = others["found"].mask(is_open, 1.0)
        least = number(said.filled["value"]) / 100
        return f"{ends.idxmax()} may have {ends.max():.1%}" if ends.max() > least + 0.001 else ""
    if "killing" in measure or "attack" in measure:
        rows = truth.killings() if "killing" in measure else truth.rows("attacks")
        unknown = int((rows["country"].eq("PE") & rows["region"].isna()).sum())
        return f"{unknown} without a region may be elsewhere" if unknown else ""
    return ""


@rule(
    "Most exposed with these weights: {name}, with {share} of its land under concession.",
    "Most exposed with these weights, of the {count} communities that can be ranked: {name}, with {share} of its land "
    "under concession.",
)
def most_exposed(truth: Truth, said: Said) -> str:
    lands, titles = truth.rows("communities"), truth.rows("concessions")
    if number(said.filled["count"]) != len(lands) and "can be ranked" not in said.msgid:
        return f"there are {len(lands)} communities"
    in_force = titles[titles["status"].isin(STATUSES_IN_FORCE)].union_all()
    shares = [
        in_force.intersection(land).area / land.area
        for land in lands.loc[lands["name"].fillna(lands["code"]) == said.filled["name"], "geometry"]
    ]
    return "" if any(abs(share - number(said.filled["share"]) / 100) < 0.01 for share in shares) else f"it is {shares}"


@rule("No protection measure is on record for {n} of {all} attacks.")
def without_measure(truth: Truth, said: Said) -> str:
    if not len(truth.rows("protection_measures")):
        return "nothing is known of protection"
    attacks = truth.rows("attacks")
    without = int((~attacks["id"].isin(truth.rows("protection_measures")["incident_id"])).sum())
    told = number(said.filled["n"]), number(said.filled["all"])
    return f"it is {without} of {len(attacks)}" if told[0] > without or told[1] > len(attacks) else ""


# Near, nearest: the distance is known.


@rule("{count} within {km} km", "perhaps {count} within {km} km")
def near_message(truth: Truth, said: Said) -> str:
    if said.about.ground is None:
        return ""
    kind = "attacks" if "attack" in said.text else "conflicts"
    sure, most = truth.near(kind, said.about.ground)
    return (
        f"{sure} are known to be near, and {most} may be"
        if number(said.text) > (most if "perhaps" in said.msgid else sure)
        else ""
    )


@rule(
    "{certain} certainly within {km} km.",
    "{certain} certainly within {km} km; {possible} possibly: only an area is known or published of them, and not all of "
    "it is within that distance.",
    "{possible} possibly within {km} km: only an area is known or published of them, and not all of it is within that "
    "distance.",
)
def possibly_near(truth: Truth, said: Said) -> str:
    sure, most = truth.near("incidents", said.about.ground)
    told = [number(said.filled.get(name, 0)) for name in ("certain", "possible")]
    return f"{sure} are near, and {most} may be" if told[0] > sure or sum(told) > most else ""


@rule("**{title}**, {date}: {where}")
def area_away(truth: Truth, said: Said) -> str:
    rows, title = truth.rows("incidents"), remove_markup(str(said.filled["title"]))
    where = remove_markup(str(said.filled["where"]))
    if said.about.ground is None or "square" in where or not where.startswith(("in the ", "the centre")):
        return ""
    for at, level in rows.loc[rows["title"] == title, ["geometry", "location_precision"]].itertuples(index=False):
        own = truth.extent(at, level)
        if where.startswith("the centre"):
            return f"the map has the {level}" if len(own) else ""
        metres = truth.metres_away(own, said.about.ground).min() if len(own) else float("nan")
        told = re.search(r"between (?:about |less than )?([\d.,]+) (k?m)", where)
        least = number(told[1]) * (1_000 if told[2] == "km" else 1) if told else 0.0
        if abs(metres - least) <= BLUR_M + metres / 20:
            return ""
    return "no event of this name has an area that begins there"


@rule(
    "No attack is known within {km} km of a community.",
    "No attack is known within {km} km of a community; without an exact place: {places}.",
    "No attack is certainly within {km} km of a community; by their area, some may be.",
)  # an area counts where the map has its polygon
def no_attack_near(truth: Truth, said: Said) -> str:
    attacks = truth.rows("attacks")
    placed = attacks[attacks["location_precision"].isin(PLACED) & attacks.geometry.notna()]
    reach = NEAR_M - 2 * CELL_M if "certainly" in said.msgid else NEAR_M  # an exact place is told as a cell
    lands = truth.rows("communities").geometry.dropna()
    return "one is" if any((truth.metres_away(placed, land) <= reach).any() for land in lands) else ""


@rule("Communities with no recorded concession within {km} km of their land: {far} of {n}. With one: {near}.")
def far_from_concessions(truth: Truth, said: Said) -> str:
    lands, titles = truth.rows("communities").geometry.dropna(), truth.rows("concessions")
    least_m = pd.Series([truth.metres_away(titles, land).min() for land in lands])
    reach_m = number(said.filled["km"]) * 1_000
    far, near = int((least_m > reach_m).sum()), int((least_m <= reach_m).sum())
    if number(said.filled["far"]) > far:
        return f"{far} have none"
    return f"{near} have one" if number(said.filled["near"]) > near else ""


@rule("No concession is recorded on the land of the {n} community with attacks within {km} km.")
def none_on_attacked_lands(truth: Truth, said: Said) -> str:
    lands = _attacked_lands(truth)
    if len(lands) != number(said.filled["n"]):
        return f"attacks are near {len(lands)}"
    return "concessions lie there" if any(len(truth.lying("concessions", land)) for land in lands) else ""


@rule("{holders} with attacks within {km} km. The largest on record: {largest}.")
def largest_near_attacks(truth: Truth, said: Said) -> str:
    parts = [truth.lying("concessions", land).clip(land) for land in _attacked_lands(truth) if land.area]
    if not parts:
        return "no attack is near a community"
    everything = pd.concat(parts).dropna(subset="holder")
    in_force = everything["status"].isin((*STATUSES_IN_FORCE, "applied", "unknown")) | everything["status"].isna()
    ha, most_ha = (
        rows.dissolve(by="holder").to_crs(EQUAL_AREA).area / 1e4 for rows in (everything[in_force], everything)
    )
    told = [number(part) for part in re.findall(r"\(([\d,.]+) ha\)", str(said.filled["largest"]))]
    if any(low < high for low, high in pairwise(told)):
        return "they are not in order"
    first = str(said.filled["largest"]).partition(" (")[0]
    most = sum(hectares for holder, hectares in most_ha.items() if _are_spellings(str(holder), first))
    if told[0] > most * 1.02 + 1:
        return f"all spellings of it have {most:,.0f} ha"
    return f"one has {ha.max():,.0f} ha" if len(ha) and ha.max() > told[0] * 1.02 + 1 else ""


def _are_spellings(*names: str) -> bool:
    left, right = (re.sub(r"[^a-z]", "", unicodedata.normalize("NFD", name.lower())) for name in names)
    return SequenceMatcher(None, left, right).ratio() > ALIKE


def _attacked_lands(truth: Truth) -> list[shapely.Geometry]:
    lands = truth.rows("communities").geometry.dropna()
    return [land for land in lands if truth.near("attacks", land)[0]]


@rule(
    "A conflict is recorded within {km} km of {n} community.",
    "A conflict of which only the area is known may be within {km} km of {n} community.",
)
def conflict_near(truth: Truth, said: Said) -> str:
    near = [truth.near("conflicts", land) for land in truth.rows("communities").geometry.dropna()]
    count = sum(bool(most if "may be" in said.msgid else sure) for sure, most in near)
    return f"it is {count}" if number(said.filled["n"]) > count else ""


@rule("Nearest {kinds}: {names}.")
def nearest(truth: Truth, said: Said) -> str:
    (layer,) = kinds_of(said.filled["kinds"])
    name, km, metres = re.match(
        r"(.+?) (?:about |less than )?(?:([\d.,]+) km|([\d.,]+) m)\b", remove_markup(str(said.filled["names"]))
    ).groups()
    told = number(km) * 1e3 if km else number(metres)
    rows = truth.rows(layer)
    away = truth.metres_away(rows, said.about.ground)
    margin = max(150.0, told / 20)
    if not (
        (rows["name"].fillna("without a name").replace("", "without a name") == name.strip("*"))
        & ((away - told).abs() <= margin)
    ).any():
        return "none of this name is so near"
    least = away[away > 0].min()
    return f"one is {least:,.0f} m away" if least < told - margin else ""


@rule("Not placed in any of them: {n} of {events}.", "{n} attack is outside all of them, or its region is not known.")
def outside(truth: Truth, said: Said) -> str:
    most = number(said.filled.get("events", len(truth.rows("incidents"))))
    return f"there are {most:.0f}" if number(said.filled["n"]) > most else ""


@rule(
    "Left out: {left_out} attacks without a precise place or date, and {undated} of {titles} concessions without a "
    "recorded grant date."
)
def left_out(truth: Truth, said: Said) -> str:
    granted = truth.rows("concessions")["granted_on"]
    told = number(said.filled["undated"]), number(said.filled["titles"])
    return "" if told == (granted.isna().sum(), len(granted)) else f"it is {granted.isna().sum()} of {len(granted)}"


@rule(
    "Its ground was under concession before; new ground: {ha} ha.",
    "It gathers {n} earlier concession that is no longer listed; new ground: {ha} ha.",
    "{n} concession that is no longer listed was on its ground; new ground: {ha} ha.",
)
def earlier_ground(truth: Truth, _said: Said) -> str:
    return "" if truth.has_earlier_concessions() else "there is no earlier snapshot"


# New, no longer: what the later file has and the earlier has not.


@rule("{n} new", "{n} no longer listed")
def changed(truth: Truth, said: Said) -> str:
    rows = truth._con.execute("SELECT code, snapshot_on, source_id FROM concessions").fetchall()
    table = pd.DataFrame(rows, columns=["code", "day", "source"])
    if table["day"].nunique() < 2:
        return "" if number(said.text) == 0 else "there is one snapshot"
    later = table["day"] == table["day"].max()
    ends = set(table["code"][later]), set(table["code"][~later])
    most = len(ends[0] - ends[1]) if "new" in said.msgid else len(ends[1] - ends[0])
    return f"at most {most}" if number(said.text) > most else ""


@rule("In the {months} months to {date}, the register has no dated application or grant on this land.")
def none_new_on_land(truth: Truth, said: Said) -> str:
    count = truth.recent_on(said.about.ground)
    return f"there are {count}" if count else ""


@rule("In the {months} months to {date}, {acts} on the land of {name}: {ha} ha of it, each counted once.")
def new_on_land(truth: Truth, said: Said) -> str:
    told = sum(map(int, re.findall(r"\d+(?= concessions? w)", str(said.filled["acts"]))))
    count = truth.recent_on(said.about.ground)
    return "" if told == count else f"there are {count}"
