"""The health of the sources that the watch checks, for the page of sources, `lindero doctor` and `/health`."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lindero.app.text.error_advice import error_sentence
from lindero.app.text.i18n import _, format_long_date, format_number, format_share
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, LayerError
from lindero.layers.watch import source_checks
from lindero.layers.watch.due import list_latest, rhythm_days
from lindero.layers.watch.source_checks import ASIDE, CURRENT, FAILING, HEALTH_STATES, LATE, SourceCheck, read_checks
from lindero.layers.workspace.manifest_file import load_workspace

SNAPSHOT_PUT_ASIDE = "snapshot_put_aside"  # a finding
STATE_NAMES = {
    CURRENT: N_("up to date"),
    LATE: N_("not checked lately"),
    FAILING: N_("could not be updated"),
    ASIDE: N_("new file under review"),
}
_ADVICE = {
    source_checks.COMPLETE: N_("The new file was discarded. Lindero will try again."),
    source_checks.EMPTY: N_("The source sent no data. Lindero will try again."),
    source_checks.INCOMPLETE: N_("The data did not arrive complete. Lindero will try again."),
    source_checks.REFUSED: N_(
        "The server did not give the data. Download the file by hand and run `lindero watch --from FOLDER`."
    ),
    source_checks.UNREACHABLE: N_(
        "The server does not answer. Lindero will try again. If this lasts, ask the publisher."
    ),
    source_checks.CLOSED: N_(
        "The publisher no longer offers the data there. Find the new address and run `lindero add ADDRESS --id {id}`."
    ),
}


@dataclass(frozen=True)
class SourceHealth:
    """The health of a source: its title, its state and its latest check."""

    title: str
    state: str
    check: SourceCheck

    @property
    def not_updated_since(self) -> str:
        """A sentence with the date of the last complete check, empty for a source that is up to date."""
        if self.state == CURRENT or self.check.complete_at is None:
            return ""
        return _("Not updated since {date}.").format(date=format_long_date(self.check.complete_at.date()))

    @property
    def reason(self) -> str:
        """Why the source is not up to date, as a sentence for the operator; empty if it is."""
        text = reason_text(self.check) if self.state in {FAILING, ASIDE} else ""
        return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""

    @property
    def advice(self) -> str:
        """The next step of the operator; empty for a source that is up to date."""
        name = self.check.source_id
        match self.state:
            case source_checks.CURRENT:
                return ""
            case source_checks.LATE:
                return _("Run `lindero watch`, and check the timer that should run it.")
            case source_checks.ASIDE:
                return _(
                    "The new file is in watch/aside/{id}. If it is right, run `lindero watch accept {id}`; if not, "
                    "`lindero watch discard {id}`."
                ).format(id=name)
            case _:
                advice = _ADVICE.get(self.check.result, _ADVICE[source_checks.INCOMPLETE])
                return _(advice).format(id=name)


def reason_text(check: SourceCheck) -> str:
    """Return why a check failed, or a file was put aside, in the reader's language."""
    return format_reason(check.reason, check.params)


def format_reason(reason: str, params: Mapping[str, object]) -> str:
    """Return a reason, a template with its values, in the reader's language."""
    if not params:  # also a sentence of an earlier version
        return _(reason) if reason else ""
    return error_sentence(LayerError(reason, **{name: _format_value(value) for name, value in params.items()}))


def fault_text(reason: str, params: Mapping[str, object]) -> str:
    """Return a sentence saying why a new file does not continue its source."""
    text = _(
        "This file does not seem to be a complete version of the same source: {reason} Comparing the two would show "
        "changes that did not happen."
    )
    return text.format(reason=format_reason(reason, params))


def refused_snapshot_texts(con: Connection) -> list[str]:
    """Return a sentence about each snapshot that a build left out, because it does not continue its source."""
    findings = map_database.read_table(con, "findings")
    rows = findings[findings["finding"] == SNAPSHOT_PUT_ASIDE]
    template = _(
        "Not on the map: the file of {id} of {day}. {reason} If it is right, write comparable = true below its date in "
        "lindero.toml; if not, run `lindero remove {id}@{day}`."
    )
    details = [(row.source_id, *str(row.detail).split(": ", maxsplit=1)) for row in rows.itertuples()]
    return [template.format(id=source_id, day=day, reason=reason) for source_id, day, reason in details]


def _format_value(value: object) -> str:
    """Format a value of a reason: a count, a share or a date; a text is unchanged."""
    if isinstance(value, float):
        return format_share(value)
    if isinstance(value, int):
        return format_number(value)
    with suppress(ValueError):
        return format_long_date(dt.datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=dt.UTC).date())
    return str(value)


def list_health(workspace: Path | None, now: dt.datetime) -> list[SourceHealth]:
    """List the health of each checked source of a workspace; empty without a workspace or before the first check."""
    if workspace is None or not (checks := read_checks(workspace)):
        return []
    try:
        latest = list_latest(load_workspace(workspace))
    except LayerError:  # the manifest is checked elsewhere
        return []
    return [
        SourceHealth(entry.title or name, source_checks.health(checks[name], now, rhythm_days(entry)), checks[name])
        for name, entry in latest.items()
        if name in checks
    ]


def count_states(workspace: Path | None, now: dt.datetime) -> dict[str, int]:
    """Count the checked sources by state of health; empty before the first check."""
    states = Counter(source.state for source in list_health(workspace, now))
    return {state: states[state] for state in HEALTH_STATES} if states else {}
