"""Commands for printed products: the brief, and the dossier with its verification and its signing key."""

import datetime as dt
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

if TYPE_CHECKING:
    from lindero.app.renderers.typst_pdf import Brief
    from lindero.layers.database.map_database import Connection


keys_program = Program(no_args_is_help=True, help=_("Manage the key that signs dossiers."))


program.add_typer(keys_program, name="keys")
SigningKeyOption = Annotated[
    Path | None, typer.Option(help=_("The file of the key that signs; else the one among your own data."))
]


class About(StrEnum):
    """The subject of a dossier."""

    COMMUNITY = "community"


@program.command(help=_("Write a signed folder for courts: figures, rows, methods."))
def dossier(
    about: Annotated[About, typer.Argument(help=_("community."))],  # noqa: ARG001  others may follow
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id."))],
    output: Annotated[Path, typer.Option("--output", "-o", help=_("The new folder to write."))],
    language: LanguageOption = "",
    signing_key: SigningKeyOption = None,
    time_stamp: Annotated[
        str, typer.Option(metavar="URL", help=_("A service that stamps the time (RFC 3161); it gets a hash alone."))
    ] = "",
    ca_file: CaFile = None,
    workspace: WorkspaceOption = None,
    *,
    allow_private: AllowPrivate = False,
) -> None:
    """Write a dossier, from the map alone: nothing of a vault is in it."""
    if language and language not in i18n.languages():
        choices = ", ".join(i18n.languages())
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=language, choices=choices))

    from lindero.app.pipeline.consent import check_no_withdrawn
    from lindero.app.products.dossier import folder, signature
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    key = signature.load_key(signing_key or signature.default_key_file())
    open_map(workspace).close()  # which says if it is behind
    check_no_withdrawn(space)
    if language:
        i18n.set_language(language)
    ask = _build_time_stamper(time_stamp, ca_file, allow_private=allow_private) if time_stamp else None
    today = dt.datetime.now(dt.UTC).date()
    with journal.record_action(space.folder, journal.PUBLISHED, folder=output.name):
        files = folder.write_dossier(space, of, output, key, today=today, ask=ask)
    for file in files:
        line = ", ".join(file.names) or _("{layer}: not passed on, {why}").format(
            layer=file.source.layer, why=_(file.why_not)
        )
        print_message(f"  {line}")
    print_message(_("Look through the received files that are in it before you give it away: they are as they came."))
    print_ = signature.key_fingerprint(signature.public_key_hex(key))
    print_message(
        _("Tell whoever gets it the fingerprint of your key by another way: {fingerprint}").format(fingerprint=print_)
    )
    print_message(_("Written to {file}").format(file=output))


def _build_time_stamper(url: str, ca_file: Path | None, *, allow_private: bool) -> Callable[[bytes], bytes]:
    """Return a function that sends a time stamp query to the named service, and to no other."""
    from lindero.app.products.dossier.time_stamp import QUERY
    from lindero.layers.services.connection.http import HostClient

    web = HostClient(url, allow_private=allow_private, ca_file=ca_file)
    print_message(_("The hash of the manifest, and nothing else, goes to {host}.").format(host=web.host))
    return lambda query: web.post(url, query, kind=QUERY)


@program.command(help=_("Check a dossier: hashes, signature and overlaps."))
def verify(
    dossier_folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder of the dossier."))],
    signer: Annotated[str, typer.Option(help=_("The public key that is to have signed it, or its fingerprint."))] = "",
    time_stamp_ca: Annotated[
        Path | None, typer.Option(help=_("Certificates (PEM) of who is trusted to vouch for the time stamp."))
    ] = None,
) -> None:
    """Report what agrees and what does not; any disagreement is an error."""
    if not dossier_folder.is_dir():
        raise AnswerError(N_("there is no folder {folder}"), folder=dossier_folder)

    from lindero.app.products.dossier import time_stamp
    from lindero.app.products.dossier import verify as checking

    authorities = time_stamp.load_certificates(time_stamp_ca) if time_stamp_ca else []
    result = checking.verify_dossier(dossier_folder, signer=signer, authorities=authorities)
    for line in result.proofs:
        print_message(f"✓ {line}")
    for line in result.broken:
        print_message(f"✗ {line}")
    for line in result.unverified:
        print_message(f"  {line}")
    if result.broken:
        raise AnswerError(N_("{folder} does not agree with itself: do not rely on it"), folder=dossier_folder)


@keys_program.command(help=_("Make a key to sign dossiers with, in a file that only you can read."))
def init(signing_key: SigningKeyOption = None) -> None:
    """Create a key; an existing key is never overwritten."""
    from lindero.app.products.dossier import signature

    file = signing_key or signature.default_key_file()
    public = signature.create_key(file)
    print_message(
        _("{file} is your key. Keep a copy where nobody else gets at it: who has it can sign as you.").format(file=file)
    )
    _print_key(public)


@keys_program.command(help=_("Show the public half of the key, for those who check."))
def show(signing_key: SigningKeyOption = None) -> None:
    """Show the public key and its fingerprint."""
    from lindero.app.products.dossier import signature

    _print_key(signature.public_key_hex(signature.load_key(signing_key or signature.default_key_file())))


def _print_key(public: str) -> None:
    from lindero.app.products.dossier import signature

    typer.echo(_("Public key: {key}").format(key=public))
    typer.echo(_("Fingerprint: {fingerprint}").format(fingerprint=signature.key_fingerprint(public)))


# Command of the brief: a community, a holder or a region on two to four pages.


class BriefSubject(StrEnum):
    """The subject of a brief."""

    COMMUNITY = "community"
    HOLDER = "holder"
    REGION = "region"


@program.command(help=_("Write a brief of a community, holder or region: PDF to print, or .txt or .json."))
def brief(
    about: Annotated[BriefSubject, typer.Argument(help=_("community, holder or region."))],
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id; of a holder also the name, as written."))],
    output: OutputFileOption,
    language: LanguageOption = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the brief; the figures are those of the pages and of the other commands."""
    if language and language not in i18n.languages():
        choices = ", ".join(i18n.languages())
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=language, choices=choices))

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


def _encode_brief(brief: "Brief", ending: str) -> bytes:
    """Encode a brief in the format of the file's ending: JSON, text, or PDF for any other ending."""
    from lindero.app.output import plain
    from lindero.app.renderers import as_json, plain_text, typst_pdf

    if ending == ".json":
        warning = {"warning": brief.warning} if brief.warning else {}
        return plain.to_json(warning | as_json.answer_to_dict(brief.answer)).encode()
    if ending == ".txt":
        warning_lines = f"{brief.warning}\n\n" if brief.warning else ""
        return (warning_lines + plain_text.format_answer(brief.answer)).encode()
    return typst_pdf.render_pdf(brief)


def _build_brief(con: "Connection", about: BriefSubject, subject_id: str) -> "Brief":
    from lindero.app.answers.profile.holder import find_holder
    from lindero.app.products.brief import community, holder, region
    from lindero.layers.database.queries import redirects
    from lindero.layers.model.schema import COMMUNITIES

    if about is BriefSubject.COMMUNITY:
        return community.build_brief(
            con, redirects.resolve_ids(con, COMMUNITIES, (subject_id,)).get(subject_id, subject_id)
        )
    if about is BriefSubject.HOLDER:
        return holder.build_brief(con, find_holder(con, subject_id))
    return region.build_brief(con, subject_id)
