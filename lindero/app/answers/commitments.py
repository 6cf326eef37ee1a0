"""Answer about commitments: the commitments of a state, their status, and the attacks on record since."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import shapely

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table, count_figure, finding_section
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage, Verdict, mask_false_zeros, read_coverage
from lindero.app.answers.record import commitments, tallies
from lindero.app.answers.record.commitments import TREATIES, WORLDWIDE_TREATIES, is_binding
from lindero.app.answers.record.commitments_text import commitment_notes, since_note, undated_text
from lindero.app.answers.record.consultation_text import cite_rules
from lindero.app.answers.record.incidents import Record, read_record
from lindero.app.answers.record.periods import Period, find_periods, periods_text
from lindero.app.answers.record.unplaced import ATTACKS
from lindero.app.text.codes import translate_code
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import build_link_key, escape_markdown
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.app.text.pack_texts import translate_pack_text
from lindero.layers.database.map_database import Connection
from lindero.layers.reference import base_data, state_facts


def law_sections(country: str, place: str, standing: pd.DataFrame) -> tuple[Section, ...]:
    """Return sections on the law of a state, each of which says so if nothing is on record.

    `country`: ISO 3166-1 alpha-2 code of the state. `standing`: the result of
    `app.answers.record.commitments.summarize_commitments`.
    """
    rules = tuple(line.removeprefix("- ") for line in cite_rules(state_facts.load_consultation_rules(country)))
    protections = tuple(_iter_protections(state_facts.load_protections(country)))
    requests = tuple(_iter_requests(state_facts.load_information_laws(country)))
    state = escape_markdown(place)
    unchecked = _("That does not mean that there is none: it was not recorded here.")
    nothing = {
        "consultation": _("No rule about consultation is on record for {state}."),
        "protection": _("Nobody who protects defenders is on record for {state}."),
        "information": _("No law or authority for requests for information is on record for {state}."),
    }

    def build_section(key: str, title: str, lines: tuple[str, ...]) -> Section:
        return Section(key, title, "" if lines else f"{nothing[key].format(state=state)} {unchecked}", lines=lines)

    return (
        Section("treaties", _("Which treaties bind this State"), _treaties_text(state, standing)),
        build_section("consultation", _("What the rules of consultation ask, stage by stage"), rules),
        build_section("protection", _("Who protects defenders"), protections),
        build_section("information", _("Whom to ask for information"), requests),
    )


def _treaties_text(state: str, standing: pd.DataFrame) -> str:
    """Return which of the treaties that matter here bind a state, which do not, and which are not on record."""
    status = dict(zip(standing["instrument"], standing["state"], strict=True))
    groups: dict[str, list[str]] = {"binding": [], "not_binding": [], "not_on_record": []}
    for name in TREATIES:
        known = status.get(name)
        if known is None and name not in WORLDWIDE_TREATIES:
            continue  # a treaty of another region
        key = "not_on_record" if known is None else "binding" if is_binding(name, known) else "not_binding"
        groups[key].append(translate_pack_text(name))
    texts = {
        "binding": _("{state} is bound by: {names}."),
        "not_binding": _("Not binding for {state}: {names}."),
        "not_on_record": _(
            "No treaty of this kind is on record for {state}: it was not recorded here whether it joined {names}."
        ),
    }
    return " ".join(texts[key].format(state=state, names=join_texts(names)) for key, names in groups.items() if names)


def _iter_protections(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.fillna("").to_dict("records"):
        title = ", ".join(filter(None, [translate_pack_text(row["instrument"]), row["article"]]))
        office = ": ".join(filter(None, [row["office"], row["telephone"]]))
        parts = [f"{translate_pack_text(row['gives'])}.", f"{office}." if office else ""]
        yield _cite(title, parts, row)


def _iter_requests(rows: pd.DataFrame) -> Iterator[str]:
    for row in rows.to_dict("records"):
        days = None if pd.isna(row["days"]) else int(row["days"])
        parts = [
            _("Ask: {authority}.").format(authority=row["authority"]) if pd.notna(row["authority"]) else "",
            ""
            if days is None
            else ngettext("It has {n} day to answer.", "It has {n} days to answer.", days).format(
                n=format_number(days)
            ),
            f"{translate_pack_text(row['note'])}." if pd.notna(row["note"]) else "",
        ]
        yield _cite(row["law"], parts, row)


def _cite(title: str, parts: list[str], row: Mapping[Hashable, Any]) -> str:
    """Return a line of Markdown: what is said, and the source with its date."""
    date = None if pd.isna(row["stated_on"]) or row["stated_on"] == "" else row["stated_on"]
    stated = _("Source: {source} ({date}).").format(
        source=f"`{row['source_url']}`", date=format_partial_date(date, str(row["date_precision"]))
    )
    said = " ".join(escape_markdown(part) for part in parts if part)
    return f"**{escape_markdown(title)}**. {said} {stated}"


COUNTRY = "country"  # the subject in a link to the commitments of a state


@dataclass(frozen=True)
class CommitmentFacts:
    """The commitments of a state, and the attacks on record in it or in one of its regions.

    `standing` is the result of `app.answers.record.commitments.add_attacks_since`, with zeros masked where nothing is
    known.
    """

    country: str
    region: str
    standing: pd.DataFrame
    attacks: pd.DataFrame
    answer: LayerCoverage
    periods: tuple[Period, ...]

    @classmethod
    def read(
        cls,
        con: Connection,
        country: str,
        region: str = "",
        *,
        record: Record | None = None,
        covered: Coverage | None = None,
    ) -> "CommitmentFacts":
        """Read the facts from the map. `country` is ISO 3166-1 alpha-2, `region` ISO 3166-2."""
        record = record or read_record(con)
        answer = _attacks_coverage(covered or read_coverage(con, layers=[ATTACKS]), country, region)
        attacks = commitments.filter_attacks(record, country=country, region=region)
        sources = {*attacks["source_id"], *(source.source_id for source in answer.sources)}
        periods = find_periods(con, source_ids=sources)
        standing = commitments.summarize_commitments(commitments.read_commitment_steps(con), country)
        since = commitments.add_attacks_since(standing, record, country=country, region=region, periods=periods)
        shares = pd.Series(answer.share, index=since.index)
        masked_counts = {name: mask_false_zeros(since[name], shares) for name in commitments.COUNTS_SINCE}
        return cls(country, region, since.assign(**masked_counts), attacks, answer, periods)


def _attacks_coverage(covered: Coverage, country: str, region: str) -> LayerCoverage:
    areas = base_data.load_regions() if region else base_data.load_countries()
    ground = areas.loc[areas["code"] == (region or country), "geometry"]
    if ground.empty:
        return LayerCoverage(ATTACKS, Verdict.NOT_KNOWN)
    area = shapely.union_all(ground.to_numpy())
    return covered.region_coverage(ATTACKS, area, country=country, region=region)


def commitments_answer(facts: CommitmentFacts, place: str, countries: pd.DataFrame) -> Answer:
    """Build the answer about the commitments of a state, in the reader's language.

    `countries`: the result of `app.answers.record.commitments.compare_countries`.
    """
    return Answer(
        _("Commitments"),
        escape_markdown(place),
        (
            _finding_section(facts, place),
            Section("promises", table=_promises_table(facts), note=_limits_text(facts)),
            *law_sections(facts.country, country_name(facts.country), facts.standing),
            Section("countries", _("Countries compared"), table=_countries_table(countries)),
            Section("notes", _("Notes and sources"), lines=commitment_notes(facts.standing)),
        ),
    )


def promises_section(facts: CommitmentFacts) -> Section:
    """Return a section on a state's commitments and the events since, for an answer on another subject."""
    title = _("What the State promised, and what happened since")
    if facts.standing.empty:
        return Section("promises", title, _("No commitment of this State is on record."))
    text = _(
        "On record: {counts}. This is what the State declares. Judge whether it keeps them by what has happened since."
    )
    columns = _promise_columns() | {
        "attacks_since": Column(_("Attacks on record since, in the whole country"), "number", note="counted")
    }
    table = replace(_promises_table(facts), columns=columns)
    finding = text.format(counts=join_texts(_count_states(facts.standing)))
    return Section("promises", title, finding, table=table, note=coverage_text.partial_coverage_text(facts.answer))


def _count_states(standing: pd.DataFrame) -> list[str]:
    """Count the commitments of each kind by status. Treaties, national measures and reviews are never added up."""
    texts = []
    for kind, text in (
        ("treaty", _("treaties ({counts})")),
        ("national", _("national measures ({counts})")),
        ("review", _("reviews by other States ({counts})")),
    ):
        counts = standing.loc[standing["kind"] == kind, "state"].value_counts(sort=False)
        if len(counts):
            labels = [f"{translate_code(state)}: {format_number(count)}" for state, count in counts.items()]
            texts.append(text.format(counts=", ".join(labels)))
    return texts


def _finding_section(facts: CommitmentFacts, place: str) -> Section:
    attacks, killed = facts.attacks, tallies.count_killed_people(facts.attacks)
    has_attacks = not attacks.empty
    count = ngettext("{n} attack on record", "{n} attacks on record", len(attacks)).format(
        n=format_number(len(attacks))
    )
    no_attack = (
        _("no attack is on record") if facts.answer.is_whole else _("it is not known whether there were attacks")
    )
    parts = [*_count_states(facts.standing), count if has_attacks else no_attack]
    finding = _("{place}: {counts}.").format(place=place, counts="; ".join(parts))
    states = list(zip(facts.standing["kind"], facts.standing["state"], strict=True))
    figures = {
        _("Treaties in force or ratified"): count_figure(
            format_number(states.count(("treaty", "in_force")) + states.count(("treaty", "ratified")))
        ),
        _("National measures in force"): count_figure(format_number(states.count(("national", "in_force")))),
        _("Attacks on record in {country}").format(country=place): Figure(
            format_number(len(attacks)) if has_attacks else "–",
            tallies.missing_note(_("{n} without a date"), attacks["year"].isna().sum()),
        ),
        _("People killed, where stated"): Figure(
            tallies.people_text(killed.people) if has_attacks else "–",
            tallies.missing_note(_("not stated for {n}"), killed.unstated),
        ),
    }
    unjudged = _(
        "This does not say whether a promise was kept or broken. It shows each promise as its sources "
        "report it, and what this map has on record since."
    )
    absent = _("Attacks or conflicts may have happened without being recorded.")
    return finding_section(
        escape_markdown(finding),
        [unjudged, *([] if has_attacks else [coverage_text.none_found_text(facts.answer), absent])],
        figures,
    )


def _promise_columns() -> dict[str, Column]:
    return {
        "instrument": Column(_("Commitment"), note="kind", width=3),
        "promised": Column(_("Promised"), sort_column="promised_on"),
        "state": Column(_("Status (since)"), note="since", width=1.5),
    }


def _promises_table(facts: CommitmentFacts) -> Table:
    """Build a table of the commitments with their status and the attacks since."""
    rows = facts.standing
    promised, state = (
        ["–" if pd.isna(day) else format_partial_date(day, precision) for day, precision in zip(*columns, strict=True)]
        for columns in (
            (rows["promised_on"], rows["promised_precision"]),
            (rows["state_on"], rows["state_precision"]),
        )
    )
    columns = _promise_columns() | {
        "attacks_since": Column(_("Attacks since the promise"), "number", note="counted"),
        "people_killed_since": Column(_("People killed since the promise, where stated"), "number", note="untold"),
        "verified": Column(_("Verified")),
        "superseded_by": Column(_("Replaced by")),
    }
    translated = rows.assign(
        instrument=rows["instrument"].map(translate_pack_text),
        kind=rows["kind"].map(translate_code),
        promised=promised,
        since=state,
        state=rows["state"].map(translate_code),
        verified=rows["verified"].map(translate_code),
        untold=[_unstated_text(killings) for killings in rows["killings_unstated_since"]],
        counted=[since_note(row) for row in rows.to_dict("records")],
    )
    return Table(_("Commitments, and what happened since"), columns, translated)


def _unstated_text(killings: float) -> str:
    if pd.isna(killings) or not killings:
        return ""
    count = int(killings)
    return ngettext("not stated for {n} killing", "not stated for {n} killings", count).format(n=format_number(count))


def _limits_text(facts: CommitmentFacts) -> str:
    """Return sentences on the limits of the list of commitments."""
    unchecked = _(
        "No national measure to protect defenders is on record here. It was not checked whether there is one."
    )
    has_own = (facts.standing["kind"] == "national").any()
    limits = [periods_text(facts.periods), undated_text(facts.attacks), "" if has_own else unchecked]
    return " ".join(filter(None, limits))


def _countries_table(rows: pd.DataFrame) -> Table:
    """Build a table of the countries with their commitments and attacks."""
    columns = {
        "name": Column(_("Country"), link="page"),
        "escazu": Column(translate_pack_text("Escazú Agreement")),
        "ilo_169": Column(translate_pack_text("ILO Convention 169")),
        "national": Column(_("National measures on record"), "number"),
        "attacks": Column(_("Attacks on this map"), "number"),
        "people_killed": Column(_("People killed, on this map"), "number"),
    }
    translated = rows.assign(
        name=[country_name(code) for code in rows["country"]],
        page=[build_link_key(COUNTRY, code) for code in rows["country"]],
        **{treaty: rows[treaty].map(translate_code, na_action="ignore") for treaty in ("escazu", "ilo_169")},
    )
    return Table(_("Treaties and attacks by country"), columns, translated.sort_values("name"))
