"""The steps of adding a file, received or fetched: propose options, show the plan, ask, and add."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.prompt import Prompt

from lindero.app.answers.coverage.health import fault_text
from lindero.app.builder.add.absence import find_plan_fault
from lindero.app.builder.add.doubts import (
    BROKEN_LETTERS,
    OUTSIDE_COVERAGE,
    broken_letters_text,
    count_findings,
    find_example,
    is_mostly_covered,
)
from lindero.app.builder.add.plan import ReceivedFile, plan_source, plan_text
from lindero.app.builder.add.proposals import (
    add_earlier_options,
    apply_proposals,
    describe_file,
    is_recognised,
    propose_options,
)
from lindero.app.builder.add.store_plan import store_plan
from lindero.app.builder.rows.coverage import manifest_coverage
from lindero.app.builder.rows.row_location import Land
from lindero.app.builder.rows.row_report import IngestedSource
from lindero.app.builder.services import FetchedFile, ServiceRequest, fetch_layer, find_same_snapshot
from lindero.app.commands.options import messages, print_message, progress_bar
from lindero.app.text.i18n import _, format_number
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.errors import LayerError
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.formats.encodings import REPAIR
from lindero.layers.reference import base_data
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.workspace import manifest_file as workspaces
from lindero.layers.workspace.file_copy import copy_to_memory
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace
from lindero.layers.workspace.source_options import SourceOptions
from lindero.machine.clock import local_today

MAX_REJECTED = 0.1  # share of the rows that may be rejected without asking where proposals are taken unseen


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

    @property
    def is_unattended(self) -> bool:
        """Whether proposals are accepted without anybody who sees what becomes of the rows."""
        return self.accept and not self.yes and not self.may_ask


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
    options = apply_proposals(options, chosen)
    plan = plan_source(file, options, space, today=local_today())
    print_message(plan_text(plan, country=space.country))
    if (corrected := _ask_corrections(plan, options, consent)) != options:
        options, plan = corrected, plan_source(file, corrected, space, today=local_today())
    if has_no_instructions:  # no option was given, and nobody can be asked
        hint = _(
            "Nothing was added. If this is right, run the following command. Leave out the date of the "
            "file or the place where it has data if you do not know it: lindero add {file} --snapshot-on "
            "YYYY-MM-DD --coverage PLACE --yes"
        )
        print_message(hint.format(file=shlex.quote(path.name)))
        raise typer.Exit(1)
    fault = find_plan_fault(space, plan, today=local_today())
    if fault:
        print_message(fault_text(*fault[1]))
    if consent.dry_run:
        return False
    _require_leave(plan, consent, is_doubted=fault is not None)
    coverage = manifest_coverage(options.coverage, space, Land(base_data.load_countries(), space.country))
    store_plan(space, plan, entry_of(plan), path, beside=beside, coverage=coverage.files)
    print_message(_("Added. Next: lindero build"))
    return True


def _ask_corrections(plan: IngestedSource, options: SourceOptions, consent: Consent) -> SourceOptions:
    """Return the options with what a person says about broken letters and about rows outside the coverage."""
    if (count := count_findings(plan, BROKEN_LETTERS)) and options.encoding != REPAIR:
        broken = plan.findings[plan.findings["finding"] == BROKEN_LETTERS]
        print_message(broken_letters_text(count, find_example(broken)))
        if consent.may_ask and typer.confirm(_("Repair the letters?"), err=True, default=True):
            options = replace(options, encoding=REPAIR)
        elif not consent.may_ask:
            print_message(_("To repair them, add the file with --encoding repair."))
    is_covered = is_mostly_covered(count_findings(plan, OUTSIDE_COVERAGE), len(plan.tables[plan.entry.layer]))
    question = _("Declare no coverage, and take the area that its rows show?")
    if consent.may_ask and not is_covered and typer.confirm(question, err=True, default=True):
        options = replace(options, coverage="")
    return options


def _require_leave(plan: IngestedSource, consent: Consent, *, is_doubted: bool) -> None:
    """Request leave to add a file; where nobody can be asked, end with the reason if there is a doubt about it."""
    counts = plan.source.iloc[0]
    refusal = ""
    if consent.may_ask:
        if not typer.confirm(_("Add it all the same?") if is_doubted else _("Add it?"), err=True):
            raise typer.Exit(1)
    elif is_doubted:
        refusal = _("Nothing was added. If the file is right, add it with --accept-fewer.")
    elif consent.is_unattended and counts["rows_rejected"] > MAX_REJECTED * counts["rows_read"]:
        text = _(
            "Nothing was added: {rejected} of {read} rows would be rejected. If this is right, add the file with --yes."
        )
        rejected, read = (format_number(counts[name]) for name in ("rows_rejected", "rows_read"))
        refusal = text.format(rejected=rejected, read=read)
    if refusal:
        print_message(refusal)
        raise typer.Exit(1)


def _ask_missing_options(options: SourceOptions) -> SourceOptions:
    """Show controls for options that a file seldom contains, if they are missing.

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
