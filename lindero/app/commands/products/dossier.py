"""Commands of what is printed: the brief, and the dossier with its checks and the key that signs it."""

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
    map_of,
    program,
    say,
    workspace_at,
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
    """What a dossier is about."""

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

    from lindero.app.pipeline.consent import hold_withdrawn
    from lindero.app.products.dossier import folder, signature
    from lindero.layers.vault import journal

    space = workspace_at(workspace)
    key = signature.load(signing_key or signature.usual_file())
    map_of(workspace).close()  # which says if it is behind
    hold_withdrawn(space)
    if language:
        i18n.use(language)
    ask = _stamping(time_stamp, ca_file, allow_private=allow_private) if time_stamp else None
    today = dt.datetime.now(dt.UTC).date()
    with journal.act(space.folder, journal.PUBLISHED, folder=output.name):
        files = folder.write(space, of, output, key, today=today, ask=ask)
    for file in files:
        line = ", ".join(file.names) or _("{layer}: not passed on, {why}").format(
            layer=file.source.layer, why=_(file.why_not)
        )
        say(f"  {line}")
    say(_("Look through the received files that are in it before you give it away: they are as they came."))
    print_ = signature.fingerprint(signature.public(key))
    say(_("Tell whoever gets it the fingerprint of your key by another way: {fingerprint}").format(fingerprint=print_))
    say(_("Written to {file}").format(file=output))


def _stamping(url: str, ca_file: Path | None, *, allow_private: bool) -> Callable[[bytes], bytes]:
    """Give what brings a query to the service that was named, and to no other."""
    from lindero.app.products.dossier.time_stamp import QUERY
    from lindero.layers.services.connection.http import Web

    web = Web(url, allow_private=allow_private, ca_file=ca_file)
    say(_("The hash of the manifest, and nothing else, goes to {host}.").format(host=web.host))
    return lambda query: web.post(url, query, kind=QUERY)


@program.command(help=_("Check a dossier: hashes, signature and overlaps."))
def verify(
    dossier_folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder of the dossier."))],
    signer: Annotated[str, typer.Option(help=_("The public key that is to have signed it, or its fingerprint."))] = "",
    time_stamp_ca: Annotated[
        Path | None, typer.Option(help=_("Certificates (PEM) of who is trusted to vouch for the time stamp."))
    ] = None,
) -> None:
    """Say what agrees and what does not; any disagreement is an error."""
    if not dossier_folder.is_dir():
        raise AnswerError(N_("there is no folder {folder}"), folder=dossier_folder)

    from lindero.app.products.dossier import time_stamp
    from lindero.app.products.dossier import verify as checking

    authorities = time_stamp.authorities(time_stamp_ca) if time_stamp_ca else []
    found = checking.verify(dossier_folder, signer=signer, authorities=authorities)
    for line in found.proofs:
        say(f"✓ {line}")
    for line in found.broken:
        say(f"✗ {line}")
    for line in found.beyond:
        say(f"  {line}")
    if found.broken:
        raise AnswerError(N_("{folder} does not agree with itself: do not rely on it"), folder=dossier_folder)


@keys_program.command(help=_("Make a key to sign dossiers with, in a file that only you can read."))
def init(signing_key: SigningKeyOption = None) -> None:
    """Make a key; one that is there is never overwritten."""
    from lindero.app.products.dossier import signature

    file = signing_key or signature.usual_file()
    public = signature.make(file)
    say(
        _("{file} is your key. Keep a copy where nobody else gets at it: who has it can sign as you.").format(file=file)
    )
    _show(public)


@keys_program.command(help=_("Show the public half of the key, for those who check."))
def show(signing_key: SigningKeyOption = None) -> None:
    """Show the public key and its fingerprint."""
    from lindero.app.products.dossier import signature

    _show(signature.public(signature.load(signing_key or signature.usual_file())))


def _show(public: str) -> None:
    from lindero.app.products.dossier import signature

    typer.echo(_("Public key: {key}").format(key=public))
    typer.echo(_("Fingerprint: {fingerprint}").format(fingerprint=signature.fingerprint(public)))


# Command of the brief: a community, a holder or a region on two to four pages.


class BriefSubject(StrEnum):
    """What a brief is about."""

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

    con = map_of(workspace)
    if language:
        i18n.use(language)
    made = _written(_brief(con, about, of), output.suffix)
    try:
        output.write_bytes(made)
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error
    say(_("Written to {file}").format(file=output))


def _written(brief: "Brief", ending: str) -> bytes:
    """Write a brief in the form that the ending of its file names; PDF by any other."""
    from lindero.app.output import plain
    from lindero.app.renderers import as_json, plain_text, typst_pdf

    if ending == ".json":
        return plain.as_json(as_json.as_dict(brief.answer)).encode()
    return plain_text.text(brief.answer).encode() if ending == ".txt" else typst_pdf.pdf(brief)


def _brief(con: "Connection", about: BriefSubject, of: str) -> "Brief":
    from lindero.app.answers.profile.holder import holder_of
    from lindero.app.products.brief import community, holder, region
    from lindero.layers.database.queries import redirects
    from lindero.layers.model.schema import COMMUNITIES

    if about is BriefSubject.COMMUNITY:
        return community.brief(con, redirects.led(con, COMMUNITIES, (of,)).get(of, of))
    if about is BriefSubject.HOLDER:
        return holder.brief(con, holder_of(con, of))
    return region.brief(con, of)
