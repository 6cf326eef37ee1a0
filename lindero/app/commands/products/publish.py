"""Commands that publish a map after its files have been checked for private data: publish, and pack for a phone."""

import datetime as dt
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    CountryOption,
    WorkspaceOption,
    open_workspace,
    print_message,
    program,
    progress_bar,
    resolve_country,
    warn_if_behind,
)
from lindero.app.commands.vault.key import KeyFileOption, unlock_vault
from lindero.app.text.i18n import _, format_number

if TYPE_CHECKING:
    from lindero.app.products.publication.select import Publication
    from lindero.layers.vault.vault_file import Vault

if TYPE_CHECKING:
    from lindero.app.products.pocket.background import BackgroundExtract

LastPublished = Annotated[
    bool | None,
    typer.Option(
        "--last-published/--last-not-published",
        help=_("Whether anybody has the last publication; asked if it was cut short and its folder is gone."),
    ),
]


@program.command(help=_("Write a map for the public; restricted records as counts."))
def publish(
    folder: Annotated[
        Path, typer.Argument(help=_("Where: an empty folder, or the last publication, which it replaces."))
    ],
    country: CountryOption = "",
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    only_check: Annotated[
        bool, typer.Option("--check", help=_("Prove the promises on the files of a publication, or on a pocket map."))
    ] = (False),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only say what would be published, what not, and why."))
    ] = (False),
    without_vault: Annotated[bool, typer.Option("--without-vault", help=_("Leave the vault closed."))] = False,
    was_published: LastPublished = None,
) -> None:
    """Publish, and check what was published."""
    from lindero.app.pipeline.consent import check_no_withdrawn
    from lindero.app.products.publication import publication_files
    from lindero.app.products.publication.release import publish_release
    from lindero.app.products.publication.select import select_publication
    from lindero.layers.vault import journal, vault_file

    space = open_workspace(workspace)
    vault = None if without_vault or not vault_file.has_vault(space.folder) else unlock_vault(space, key_file)
    today = dt.datetime.now(dt.UTC).date()
    if only_check:
        _check_files(folder, vault, shown=folder)
        return
    check_no_withdrawn(space)
    warn_if_behind(space)
    space = replace(space, country=resolve_country(country, space))
    if dry_run:
        publication_files.check_target(folder)
        with vault_file.open_vault(vault) if vault else nullcontext() as private:
            print_message(_summary_text(select_publication(space, private, today=today)))
        return
    with progress_bar(_("Publishing")) as step:

        def print_selection(pub: "Publication") -> None:
            step(_("writing"), 1, 3)
            print_message(_summary_text(pub))

        def check_new_files(new: Path) -> None:
            step(_("checking"), 2, 3)
            _check_files(new, vault, shown=folder)

        step(_("choosing"), 0, 3)
        with journal.record_action(space.folder, journal.PUBLISHED, folder=folder.name):
            settled = publish_release(
                space,
                vault,
                folder,
                today=today,
                prove=check_new_files,
                announce=print_selection,
                was_published=was_published,
            )
    if not settled:
        print_message(
            _("The vault could not be written: leave {folder} where it is until you publish again.").format(
                folder=folder
            )
        )
    print_message(
        _("{folder} can be given away: copy the whole folder, or put it on any web server.").format(folder=folder)
    )


def _check_files(folder: Path, vault: "Vault | None", *, shown: Path) -> None:
    from lindero.app.products.publication.pack_check import check_pocket_map as check_pack
    from lindero.app.products.publication.verify import check_publication
    from lindero.layers.errors import N_, PublishError

    findings = check_pack(folder, vault) if folder.is_file() else check_publication(folder, vault)
    for line in findings.proofs:
        print_message(f"✓ {line}")
    for line in findings.broken:
        print_message(f"✗ {line}")
    if findings.broken:
        raise PublishError(
            N_("{folder} breaks {count} promises: do not give it away"), folder=shown, count=len(findings.broken)
        )


def _summary_text(pub: "Publication") -> str:
    """Return a text on what is published, and what is withheld and why."""
    from lindero.app.text.codes import translate_code
    from lindero.layers.publish.rules import LEAST_CHANGED

    shown = [f"  {translate_code(name)}: {format_number(len(rows))}" for name, rows in pub.layers.items()]
    cells = _("  counted: {cells} cells, together about {count}").format(
        cells=format_number(len(pub.counts)), count=format_number(int(pub.counts["count"].sum()))
    )
    left_out = pub.withheld
    withheld_texts = [
        _("  {n} restricted records are in no cell: fewer than 5 in their department and year, or place not known"),
        _("  {n} restricted records may be of a case or person that is counted already: lindero vault duplicates"),
        _("  {n} restricted records may be of a case that is public or confidential: lindero vault duplicates"),
        _("  {n} confidential records"),
        _("  {n} measures of protection: they tell who is guarded, by whom and how"),
        _("  {n} incidents in other countries: --country all publishes them, too"),
    ]
    names = ("restricted", "copies", "known_otherwise", "confidential", "protection_measures", "abroad")
    withheld = [
        text.format(n=format_number(left_out[name]))
        for text, name in zip(withheld_texts, names, strict=True)
        if left_out.get(name)
    ]
    held_back_note = [
        _(
            "The numbers stay those of the last release: fewer than {least} cases changed since, and who knows what"
            " changed would see whose. Publish again when more have; to publish no number at all: --without-vault."
        ).format(least=LEAST_CHANGED)
    ]
    first_note = [
        _(
            "The vault knows of no publication before this one. If there was one, this vault is a copy from before it:"
            " take the newer one, or the numbers of both can be compared."
        )
    ]
    return "\n".join(
        [
            _("Published:"),
            *shown,
            cells,
            *(held_back_note if pub.is_held_back else first_note if pub.is_first else []),
            _("Withheld:"),
            *(withheld or [_("  nothing")]),
        ]
    )


# The command that makes a pocket map: one page for a phone, a USB stick or a messenger.


class PocketSubject(StrEnum):
    """The subject of a pocket map."""

    COMMUNITY = "community"
    REGION = "region"


@program.command(help=_("Write a pocket map: one file that answers on a phone."))
def pack(
    subject: Annotated[PocketSubject, typer.Argument(help=_("community or region."))],
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id; of a department its code, as in PE-CAJ."))],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=_("The file to write; else one named by place and day, here.")),
    ] = None,
    basemap: Annotated[
        str,
        typer.Option(metavar="ID", help=_("A background of the workspace to cut out into it: lindero basemap list.")),
    ] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the page, from what a publication without the vault would hold."""
    from lindero.app.pipeline.consent import check_no_withdrawn
    from lindero.app.products.pocket import grid_outlines
    from lindero.app.products.pocket.about import Subject
    from lindero.app.products.publication.pack import create_pack as made
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    check_no_withdrawn(space)
    warn_if_behind(space)
    with journal.record_action(space.folder, journal.PUBLISHED, folder=of):
        page = made(space, Subject(subject.value), of, today=dt.datetime.now(dt.UTC).date(), basemap=basemap)
    target = output or Path(page.file_name)
    if target.is_dir():
        target /= page.file_name
    try:
        target.write_text(page.html, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=target, why=error.strerror) from error
    exact = _("to a decimetre") if page.step == grid_outlines.FINE_DEGREES else _("to a metre")
    template = _("Written to {file}: {kb} kB, outlines {exact}; it holds what a publication without the vault would.")
    for text in _background_lines(space.folder, page.background):
        print_message(text)
    print_message(template.format(file=target, kb=format_number(target.stat().st_size / 1000), exact=exact))


def _background_lines(folder: Path, cut: "BackgroundExtract | None") -> Iterator[str]:
    """Yield lines on the background in the page and its missing zooms, or on the backgrounds that it could have."""
    from lindero.layers.workspace import backgrounds

    if cut is None:
        if background_ids := ", ".join(entry.id for entry in backgrounds.TABLE.read_entries(folder)):
            yield _("Not in it: {backgrounds}. --basemap puts one in, beside the one of Lindero.").format(
                backgrounds=background_ids
            )
        return
    zooms = {"first": cut.first, "all_round": cut.frame_last, "last": cut.last, "file": cut.file_last}
    template = _("Background: {title}, shown with: {attribution}.")
    yield template.format(title=cut.background.title, attribution=cut.background.attribution)
    if cut.frame_last < cut.first:
        yield _("Zooms {first} to {last} of its own ground; round it there was no room.").format(**zooms)
    elif cut.last > cut.frame_last:
        yield _("Zooms {first} to {all_round} all round, to {last} on its own ground.").format(**zooms)
    else:
        yield _("Zooms {first} to {last} all round.").format(**zooms)
    if cut.last < cut.file_last:
        yield _("Left out, for want of room: finer zooms, which the file has to {file}.").format(**zooms)
