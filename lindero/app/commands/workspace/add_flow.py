"""The steps of adding a file, received or fetched: propose options, show the plan, ask, and add."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.prompt import Prompt

from lindero.app.commands.options import messages, print_message, progress_bar
from lindero.app.pipeline.add.plan import ReceivedFile, plan_source, plan_text
from lindero.app.pipeline.add.proposals import (
    add_earlier_options,
    apply_proposals,
    describe_file,
    is_recognised,
    propose_options,
)
from lindero.app.pipeline.add.store_plan import store_plan
from lindero.app.pipeline.rows.coverage import manifest_coverage
from lindero.app.pipeline.rows.row_location import Land
from lindero.app.pipeline.rows.row_report import IngestedSource
from lindero.app.pipeline.services import FetchedFile, ServiceRequest, fetch_layer, find_same_snapshot
from lindero.app.text.i18n import _
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.errors import LayerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference import base_data
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.file_copy import copy_to_memory
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import SourceOptions
from lindero.machine.clock import local_today


@dataclass(frozen=True)
class Consent:
    """The user's consent: whether to ask, to accept proposals, or only to show the plan."""

    dry_run: bool = False
    yes: bool = False
    accept: bool = False

    @property
    def may_ask(self) -> bool:
        """Whether there is a user who can be asked."""
        return messages.is_terminal and not self.yes


def add_input(
    space: Workspace,
    file: str,
    options: SourceOptions,
    consent: Consent,
    *,
    service: str,
    ca_file: Path | None,
    allow_private: bool,
) -> bool:
    """Add a local file, or the layer of a service at an address. Return whether it was added."""
    if "://" not in file:
        return add_file(space, file, options, consent)
    request = ServiceRequest(file, kind=service, sublayer=options.sublayer, options=options, ca_file=ca_file)
    return add_from_service(space, request, consent, allow_private=allow_private)


def add_file(space: Workspace, file: str, options: SourceOptions, consent: Consent) -> bool:
    """Add a local file. Return whether it was added."""
    with copy_to_memory(Path(file)) as copy:
        return _plan_and_add(space, copy, options, consent, lambda taken: taken.entry, beside=())


def add_from_service(
    space: Workspace, request: ServiceRequest, consent: Consent, *, allow_private: bool, skip_unchanged: bool = False
) -> bool:
    """Fetch a layer from a service and add it. Return whether it was added."""
    fetched = _fetch_with_progress(space, request, allow_private=allow_private)
    if skip_unchanged and (earlier_entry := find_same_snapshot(fetched, workspaces.file_sha256(fetched.path), space)):
        fetched.delete_folder()
        print_message(
            _("{id} has not changed since {date}: nothing to add.").format(
                id=earlier_entry.id, date=earlier_entry.snapshot_on
            )
        )
        return False
    today = local_today().isoformat()  # the data of a service are as of the date of the request
    options = replace(fetched.options, snapshot_on=fetched.options.snapshot_on or fetched.options.retrieved_on or today)
    try:
        added = _plan_and_add(space, fetched.path, options, consent, fetched.build_entry, beside=fetched.beside)
    except LayerError:
        if fetched.options.layer in PERSON_LAYERS:
            fetched.delete_folder()  # files that may be about people are deleted; others are kept for a new try
        raise
    if added:
        fetched.delete_folder()
    return added


def _fetch_with_progress(space: Workspace, request: ServiceRequest, *, allow_private: bool) -> FetchedFile:
    with progress_bar(_("Fetching")) as step:
        return fetch_layer(
            request,
            space,
            allow_private=allow_private,
            progress=lambda rows, whole: step(_("rows"), rows, whole or rows),
        )


def _plan_and_add(
    space: Workspace,
    path: Path,
    options: SourceOptions,
    consent: Consent,
    entry_of: Callable[[IngestedSource], SourceEntry],
    *,
    beside: tuple[Path, ...],
) -> bool:
    file = ReceivedFile(path)
    has_no_instructions = options == SourceOptions() and not (
        consent.dry_run or consent.yes or consent.accept or consent.may_ask
    )
    known_options = add_earlier_options(options, file.read(options), space)
    if not (known_options.layer or known_options.mapping or is_recognised(file, known_options)):
        print_message(describe_file(file, options))
        if not consent.may_ask:
            raise typer.Exit(0 if consent.dry_run else 1)
    if consent.may_ask and not is_recognised(file, options):
        options = _ask_missing_options(options)
    options, proposals = propose_options(file, options, space)
    chosen = [proposal for proposal in proposals if _is_accepted(proposal, consent)]
    if not consent.may_ask:
        _print_open([proposal for proposal in proposals if proposal not in chosen])
    plan = plan_source(file, apply_proposals(options, chosen), space, today=local_today())
    print_message(plan_text(plan, country=space.country))
    if has_no_instructions:  # no option was given, and nobody can be asked
        hint = _(
            "Nothing was added. If this is right, run the following command. Leave out the date of the "
            "file or the place where it has data if you do not know it: lindero add {file} --snapshot-on "
            "YYYY-MM-DD --coverage PLACE --yes"
        )
        print_message(hint.format(file=shlex.quote(path.name)))
        raise typer.Exit(1)
    if consent.dry_run:
        return False
    if consent.may_ask and not typer.confirm(_("Add it?"), err=True):
        raise typer.Exit(1)
    coverage = manifest_coverage(options.coverage, space, Land(base_data.load_countries(), space.country))
    store_plan(space, plan, entry_of(plan), path, beside=beside, coverage=coverage.files)
    print_message(_("Added. Next: lindero build"))
    return True


def _ask_missing_options(options: SourceOptions) -> SourceOptions:
    """
    Show controls for options that a file seldom contains, if they are missing.

    An empty answer means that they are taken from the file.
    """
    layer = options.layer or Prompt.ask(
        _("What does the file contain? (empty: recognise it by its fields)"),
        console=messages,
        choices=["", *LAYERS],
        default="",
    )
    publisher = options.publisher or Prompt.ask(
        _("Who published it? (empty: recognise it by its fields)"), console=messages, default=""
    )
    return replace(options, layer=layer, publisher=publisher)


def _is_accepted(proposal: Proposal, consent: Consent) -> bool:
    if consent.accept or not consent.may_ask:
        return consent.accept and proposal.is_sure
    print_message(_format_proposal(proposal))
    return typer.confirm(
        _("Use the field {field} for the column {column}?").format(field=proposal.field, column=proposal.column),
        err=True,
    )


def _print_open(proposals: list[Proposal]) -> None:
    """Print the proposals that were not accepted: the certain ones, then those that a person must decide."""
    headings = {
        True: _("These fields may fill more columns. To accept the certain ones, use --accept:"),
        False: _("Not certain: look at the values, and state the right ones with --field:"),
    }
    for is_sure, heading in headings.items():
        if lines := [_format_proposal(proposal) for proposal in proposals if proposal.is_sure == is_sure]:
            print_message("\n".join([heading, *lines]))


def _format_proposal(proposal: Proposal) -> str:
    reason = _(proposal.why)
    return f"  --field {proposal.column}={proposal.field:<14} {', '.join(proposal.samples)} ({reason})"
