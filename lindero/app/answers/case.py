"""Answer about one incident: what happened, who was attacked, its steps in court, protection, and sources."""

import datetime as dt

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Section, Table, finding_section
from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.coverage.coverage_text import missing_data_text
from lindero.app.answers.record import case_text
from lindero.app.answers.record.incidents import Record
from lindero.app.text.codes import translate_code
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _


def case_answer(case: Record, covered: Coverage, *, today: dt.date) -> Answer:
    """Build the answer about the one incident of a record, in the reader's language."""
    (row,) = case.incidents.to_dict("records")
    finding, besides = map(escape_markdown, case_text.summarize_incident(case, row, today=today))
    no_victims = missing_data_text(covered, ["victims"]) or _("Nothing is recorded about the people attacked.")
    no_measures = missing_data_text(covered, ["protection_measures"]) or _("No protection measure is on record.")
    standing = case_text.case_status_text(case, today=today)
    return Answer(
        escape_markdown(case_text.incident_title(row)),
        sections=(
            finding_section(finding, [besides]),
            Section("facts", lines=case_text.incident_facts(row)),
            _table_section("victims", _("Who was attacked"), _victims_table(case.victims), none=no_victims),
            Section("court", _("The case in court"), standing, table=_steps_table(case.case_steps)),
            _table_section("protection", _("Protection"), _measures_table(case.protection_measures), none=no_measures),
            Section("sources", _("Sources"), lines=case_text.incident_sources(row)),
        ),
    )


def _table_section(key: str, title: str, table: Table | None, *, none: str) -> Section:
    return Section(key, title, none if table is None else "", table=table)


def _victims_table(rows: pd.DataFrame) -> Table | None:
    """Build a table of the groups of people attacked in one incident."""
    if rows.empty:
        return None
    columns = {
        "outcome": Column(_("What happened to them")),
        "count": Column(_("Number of people"), "number"),
        "gender": Column(_("Gender")),
        "identity": Column(_("Who they are")),
        "people": Column(_("People or nation")),
    }
    translated = rows.assign(
        outcome=rows["outcome"].fillna("unknown").map(translate_code),
        gender=rows["gender"].map(translate_code),
        identity=[", ".join(map(translate_code, codes)) for codes in rows["identity"]],
    )
    return Table(_("People attacked"), columns, translated)


def _steps_table(rows: pd.DataFrame) -> Table | None:
    """Build a table of the steps of a case in their order."""
    if rows.empty:
        return None
    columns = {
        "on": Column(_("Date"), sort_column="dated_on"),
        "step": Column(_("Step")),
        "court": Column(_("Court")),
    }
    days = [
        format_partial_date(*date_and_precision)
        for date_and_precision in zip(rows["dated_on"], rows["date_precision"], strict=True)
    ]
    return Table(_("Steps in court, in order"), columns, rows.assign(on=days, step=rows["step"].map(translate_code)))


def _measures_table(rows: pd.DataFrame) -> Table | None:
    """Build a table of the protection measures of one incident."""
    if rows.empty:
        return None
    columns = {
        "measure": Column(_("Measure")),
        "provider": Column(_("Provider")),
        "requested_on": Column(_("Requested on"), "date"),
        "granted_on": Column(_("Granted on"), "date"),
        "status": Column(_("Status")),
        "gender_responsive": Column(_("Gender-responsive")),
        "collective": Column(_("Collective")),
    }
    yes_no = {True: _("yes"), False: _("no")}
    stated = {name: rows[name].map(yes_no).fillna(_("not stated")) for name in ("gender_responsive", "collective")}
    return Table(_("Protection measures"), columns, rows.assign(status=rows["status"].map(translate_code), **stated))
