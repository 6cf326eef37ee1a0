"""Commands for printed products: the brief, and the dossier with its verification and its signing key."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    LanguageOption,
    OutputFileOption,
    WorkspaceOption,
    open_map,
    open_workspace,
    print_message,
    program,
)
from lindero.app.commands.program import Program
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, AnswerError
from lindero.machine.clock import local_today

if TYPE_CHECKING:
    from lindero.app.media.paper.typst_pdf import Brief
    from lindero.layers.database.map_database import Connection


keys_program = Program(no_args_is_help=True, help=_("Manage the key that signs dossiers."))


program.add_typer(keys_program, name="keys")
SigningKeyOption = Annotated[
    Path | None, typer.Option(help=_("File with the signing key (default: a file in your own data folder)."))
]


class About(StrEnum):
    """The subject of a dossier."""

    COMMUNITY = "community"


@program.command(help=_("Write a signed dossier for a court: figures, rows and methods."))
def dossier(
    about: Annotated[About, typer.Argument(help=_("Kind of dossier: so far only community."))],  # noqa: ARG001  others may follow
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Id of the community."))],
    output: Annotated[Path, typer.Option("--output", "-o", help=_("New folder for the dossier."))],
    language: LanguageOption = "",
    signing_key: SigningKeyOption = None,
    time_stamp: Annotated[
        str, typer.Option(metavar="URL", help=_("Time-stamping service (RFC 3161). It receives only a hash."))
    ] = "",
    ca_file: CaFile = None,
    workspace: WorkspaceOption = None,
    *,
    allow_private: AllowPrivate = False,
) -> None:
    """Write a dossier, from the map alone: nothing of a vault is in it."""
    _check_language(language, i18n.PAGES)

    from lindero.app.builder.consent import check_no_withdrawn
    from lindero.app.media.court import folder, signature
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    key = signature.load_key(signing_key or signature.default_key_file())
    open_map(workspace).close()  # warns if the map is out of date
    check_no_withdrawn(space)
    if language:
        i18n.set_language(language)
    ask = _build_time_stamper(time_stamp, ca_file, allow_private=allow_private) if time_stamp else None
    today = local_today()
    with journal.record_action(space.folder, journal.PUBLISHED, folder=output.name):
        files = folder.write_dossier(space, of, output, key, today=today, ask=ask)
    for file in files:
        line = ", ".join(file.names) or _("{layer}: the received file is not included; {why}").format(
            layer=file.source.layer, why=_(file.why_not)
        )
        print_message(f"  {line}")
    print_message(_("The dossier contains received files, unchanged. Check them before you hand it over."))
    print_ = signature.key_fingerprint(signature.public_key_hex(key))
    print_message(
        _("Send the fingerprint of your key to the recipient by another channel: {fingerprint}").format(
            fingerprint=print_
        )
    )
    print_message(_("Written to {file}").format(file=output))


def _build_time_stamper(url: str, ca_file: Path | None, *, allow_private: bool) -> Callable[[bytes], bytes]:
    """Return a function that sends a time stamp query to the named service, and to no other."""
    from lindero.app.media.court.time_stamp import QUERY
    from lindero.layers.services.connection.http import HostClient

    web = HostClient(url, allow_private=allow_private, ca_file=ca_file)
    print_message(_("Only the hash of the manifest is sent to {host}.").format(host=web.host))
    return lambda query: web.post(url, query, kind=QUERY)


@program.command(help=_("Check a dossier: hashes, signature and overlaps."))
def verify(
    dossier_folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder of the dossier."))],
    signer: Annotated[
        str, typer.Option(help=_("The public key that should have signed it, or the fingerprint of that key."))
    ] = "",
    time_stamp_ca: Annotated[
        Path | None, typer.Option(help=_("Certificates (PEM) of the time-stamping authorities that you trust."))
    ] = None,
) -> None:
    """Report what agrees and what does not; any disagreement is an error."""
    if not dossier_folder.is_dir():
        raise AnswerError(N_("the folder {folder} does not exist; check the path"), folder=dossier_folder)

    from lindero.app.media.court import time_stamp
    from lindero.app.media.court import verify as checking

    authorities = time_stamp.load_certificates(time_stamp_ca) if time_stamp_ca else []
    result = checking.verify_dossier(dossier_folder, signer=signer, authorities=authorities)
    for line in result.proofs:
        print_message(f"✓ {line}")
    for line in result.broken:
        print_message(f"✗ {line}")
    for line in result.unverified:
        print_message(f"  {line}")
    if result.broken:
        raise AnswerError(
            N_("the dossier {folder} fails the checks marked ✗: do not rely on it"), folder=dossier_folder
        )


@keys_program.command(help=_("Create a key that signs dossiers, in a file that only you can read."))
def init(signing_key: SigningKeyOption = None) -> None:
    """Create a key; an existing key is never overwritten."""
    from lindero.app.media.court import signature

    file = signing_key or signature.default_key_file()
    public = signature.create_key(file)
    print_message(
        _(
            "Your key is in {file}. Keep a copy where nobody else can reach it: anyone who has it can sign as you."
        ).format(file=file)
    )
    _print_key(public)


@keys_program.command(help=_("Show the public key, which others need to check your dossiers."))
def show(signing_key: SigningKeyOption = None) -> None:
    """Show the public key and its fingerprint."""
    from lindero.app.media.court import signature

    _print_key(signature.public_key_hex(signature.load_key(signing_key or signature.default_key_file())))


def _print_key(public: str) -> None:
    from lindero.app.media.court import signature

    typer.echo(_("Public key: {key}").format(key=public))
    typer.echo(_("Fingerprint: {fingerprint}").format(fingerprint=signature.key_fingerprint(public)))


# The command of briefs: a community, a holder or a region on two to four pages.


class BriefSubject(StrEnum):
    """The subject of a brief."""

    COMMUNITY = "community"
    HOLDER = "holder"
    REGION = "region"


@program.command(help=_("Write a brief on a community, holder or region: PDF, .txt or .json."))
def brief(
    about: Annotated[BriefSubject, typer.Argument(help=_("community, holder or region."))],
    of: Annotated[
        str, typer.Argument(metavar="ID", help=_("Its id; for a holder, also the name exactly as recorded."))
    ],
    output: OutputFileOption,
    language: LanguageOption = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the brief; the figures are those of the pages and of the other commands."""
    _check_language(language, i18n.BRIEF)

    from lindero.layers.errors import N_, AnswerError

    con = open_map(workspace)
    if language:
        i18n.set_language(language)
    content = _encode_brief(_build_brief(con, about, of), output.suffix)
    try:
        output.write_bytes(content)
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error
    print_message(_("Written to {file}").format(file=output))


def _check_language(language: str, part: str) -> None:
    """Raise a usage error unless a document is offered in a language: a `part` of `i18n.languages`."""
    if language and language not in i18n.languages(part):
        choices = ", ".join(i18n.languages(part))
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=language, choices=choices)
        )


def _encode_brief(brief: "Brief", ending: str) -> bytes:
    """Encode a brief in the format of the file's ending: JSON, text, or PDF for any other ending."""
    from lindero.app.media.files import plain
    from lindero.app.media.paper import typst_pdf
    from lindero.app.media.text import as_json, plain_text

    if ending == ".json":
        warning = {"warning": brief.warning} if brief.warning else {}
        return plain.to_json(warning | as_json.answer_to_dict(brief.answer)).encode()
    if ending == ".txt":
        warning_lines = f"{brief.warning}\n\n" if brief.warning else ""
        return (warning_lines + plain_text.format_answer(brief.answer)).encode()
    return typst_pdf.render_pdf(brief)


def _build_brief(con: "Connection", about: BriefSubject, subject_id: str) -> "Brief":
    from lindero.app.answers.profile.holder import find_holder
    from lindero.app.media.paper.brief import community, holder, region
    from lindero.layers.database.queries import redirects
    from lindero.layers.model.schema import COMMUNITIES

    if about is BriefSubject.COMMUNITY:
        return community.build_brief(
            con, redirects.resolve_ids(con, COMMUNITIES, (subject_id,)).get(subject_id, subject_id)
        )
    if about is BriefSubject.HOLDER:
        return holder.build_brief(con, find_holder(con, subject_id))
    return region.build_brief(con, subject_id)
