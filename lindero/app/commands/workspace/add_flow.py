"""What adding has in common, whether a file is at hand or fetched: propose, show, ask, add."""

import datetime as dt
import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.prompt import Prompt

from lindero.app.commands.options import messages, progress_bar, say
from lindero.app.pipeline.add.plan import ReceivedFile, plan_text, planned
from lindero.app.pipeline.add.proposals import is_recognised, look, looked_into, with_learnt, with_proposals
from lindero.app.pipeline.consent import remember
from lindero.app.pipeline.rows.coverage import manifest_coverage
from lindero.app.pipeline.rows.ingest import keep_reading
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import Ingested
from lindero.app.pipeline.services import Arrived, ServiceRequest, fetch, same_snapshot
from lindero.app.text.i18n import _
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.errors import LayerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.vault import journal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.file_copy import own_copy
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import SourceOptions


@dataclass(frozen=True)
class Consent:
    """How far the user is asked: on a terminal everything, unless said at once."""

    dry_run: bool = False
    yes: bool = False
    accept: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return messages.is_terminal and not self.yes


def take(
    space: Workspace,
    file: str,
    options: SourceOptions,
    consent: Consent,
    *,
    service: str,
    ca_file: Path | None,
    allow_private: bool,
) -> bool:
    """Add a file at hand, or what the service at an address gives; tells whether it was added."""
    if "://" not in file:
        return take_file(space, file, options, consent)
    wanted = ServiceRequest(file, kind=service, sublayer=options.sublayer, options=options, ca_file=ca_file)
    return take_service(space, wanted, consent, allow_private=allow_private)


def take_file(space: Workspace, file: str, options: SourceOptions, consent: Consent) -> bool:
    """Add a file at hand; tells whether it was added."""
    with own_copy(Path(file)) as copy:
        return _take(space, copy, options, consent, lambda taken: taken.entry, beside=())


def take_service(
    space: Workspace, what: ServiceRequest, consent: Consent, *, allow_private: bool, skip_unchanged: bool = False
) -> bool:
    """Fetch from a service and add what came; tells whether it was added."""
    arrived = _fetched(space, what, allow_private=allow_private)
    if skip_unchanged and (same := same_snapshot(arrived, workspaces.sha256(arrived.path), space)):
        arrived.forget()
        say(_("{id} is as it was on {date}: nothing to add.").format(id=same.id, date=same.snapshot_on))
        return False
    today = dt.datetime.now(dt.UTC).date().isoformat()  # what an address gives is of the day on which it gave it
    options = replace(arrived.options, snapshot_on=arrived.options.snapshot_on or arrived.options.retrieved_on or today)
    try:
        added = _take(space, arrived.path, options, consent, arrived.entry, beside=arrived.beside)
    except LayerError:
        if arrived.options.layer in OF_PERSONS:
            arrived.forget()  # what may be of people is not left lying about; the rest is not fetched twice
        raise
    if added:
        arrived.forget()
    return added


def _fetched(space: Workspace, what: ServiceRequest, *, allow_private: bool) -> Arrived:
    with progress_bar(_("Fetching")) as step:
        return fetch(
            what, space, allow_private=allow_private, progress=lambda rows, whole: step(_("rows"), rows, whole or rows)
        )


def _take(
    space: Workspace,
    path: Path,
    options: SourceOptions,
    consent: Consent,
    entry_of: Callable[[Ingested], SourceEntry],
    *,
    beside: tuple[Path, ...],
) -> bool:
    file = ReceivedFile(path)
    is_alone = options == SourceOptions() and not (consent.dry_run or consent.yes or consent.accept or consent.may_ask)
    learnt = with_learnt(options, file.read(options), space)
    if not (learnt.layer or learnt.mapping or is_recognised(file, learnt)):
        say(look(file, options))
        if not consent.may_ask:
            raise typer.Exit(0 if consent.dry_run else 1)
    if consent.may_ask and not is_recognised(file, options):
        options = _with_answers(options)
    options, proposals = looked_into(file, options, space)
    chosen = [one for one in proposals if _is_taken(one, consent)]
    if left := [one for one in proposals if one not in chosen and not consent.may_ask]:
        say("\n".join([_("These fields may hold more; --accept takes those that are sure:"), *map(_line, left)]))
    taken = planned(file, with_proposals(options, chosen), space, today=dt.datetime.now(dt.UTC).date())
    say(plan_text(taken, country=space.country))
    if is_alone:  # nobody said anything of the file, and nobody can be asked
        said = _(
            "Nothing was added. If this is right, say so, and the date of the file and where it has data if you know "
            "them: lindero add {file} --snapshot-on YYYY-MM-DD --coverage PLACE --yes"
        )
        say(said.format(file=shlex.quote(path.name)))
        raise typer.Exit(1)
    if consent.dry_run:
        return False
    if consent.may_ask and not typer.confirm(_("Add it?"), err=True):
        raise typer.Exit(1)
    remember(space, None, taken.answers)
    coverage = manifest_coverage(options.coverage, space, Land(base_data.countries(), space.country))
    entry = entry_of(taken)
    with journal.act(space.folder, journal.ADDED, source=entry.id, date=entry.snapshot_on):
        workspaces.add(space, entry, path, beside=beside, coverage=coverage.files)
    keep_reading(entry, taken.received, space)
    say(_("Added. Next: lindero build"))
    return True


def _with_answers(options: SourceOptions) -> SourceOptions:
    """Ask what a file seldom says of itself, if it was not said; an empty answer leaves it to the file."""
    layer = options.layer or Prompt.ask(
        _("What does it hold? (empty: known by its fields)"), console=messages, choices=["", *LAYERS], default=""
    )
    publisher = options.publisher or Prompt.ask(
        _("Who published it? (empty: known by its fields)"), console=messages, default=""
    )
    return replace(options, layer=layer, publisher=publisher)


def _is_taken(one: Proposal, consent: Consent) -> bool:
    if consent.accept or not consent.may_ask:
        return consent.accept and one.is_sure
    say(_line(one))
    return typer.confirm(_("Does {field} hold {column}?").format(field=one.field, column=one.column), err=True)


def _line(one: Proposal) -> str:
    why = _(one.why)
    return f"  --field {one.column}={one.field:<14} {', '.join(one.samples)} ({why})"
