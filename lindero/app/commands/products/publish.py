"""Commands that publish a map after its files have been checked for private data: publish, and pack for a phone."""

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
from lindero.machine.clock import local_today

if TYPE_CHECKING:
    from lindero.app.media.site.select import Publication
    from lindero.layers.vault.vault_file import Vault

if TYPE_CHECKING:
    from lindero.app.media.phone.background import BackgroundExtract

LastPublished = Annotated[
    bool | None,
    typer.Option(
        "--last-published/--last-not-published",
        help=_("State whether anyone has the last publication. Needed only if a publication stops and asks for it."),
    ),
]


@program.command(help=_("Write a public map, with restricted records only as counts."))
def publish(
    folder: Annotated[
        Path, typer.Argument(help=_("An empty folder, or the folder of the last publication, which is replaced."))
    ],
    country: CountryOption = "",
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    only_check: Annotated[
        bool,
        typer.Option(
            "--check", help=_("Only check that a publication or a pocket map keeps every promise of privacy.")
        ),
    ] = (False),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Only show what would be published, what would not, and why."))
    ] = (False),
    without_vault: Annotated[
        bool, typer.Option("--without-vault", help=_("Publish without opening the vault."))
    ] = False,
    was_published: LastPublished = None,
) -> None:
    """Publish, and check what was published."""
    from lindero.app.builder.consent import check_no_withdrawn
    from lindero.app.media.site import publication_files
    from lindero.app.media.site.release import publish_release
    from lindero.app.media.site.select import select_publication
    from lindero.layers.vault import journal, vault_file

    space = open_workspace(workspace)
    vault = None if without_vault or not vault_file.has_vault(space.folder) else unlock_vault(space, key_file)
    today = local_today()
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
                progress=step,
                was_published=was_published,
            )
    if not settled:
        print_message(
            _("The vault could not be written: leave {folder} where it is until you publish again.").format(
                folder=folder
            )
        )
    print_message(
        _("You can share {folder}: copy the whole folder, or put it on any web server.").format(folder=folder)
    )


def _check_files(folder: Path, vault: "Vault | None", *, shown: Path) -> None:
    from lindero.app.media.site.pack_check import check_pocket_map as check_pack
    from lindero.app.media.site.verify import check_publication
    from lindero.layers.errors import N_, PublishError

    findings = check_pack(folder, vault) if folder.is_file() else check_publication(folder, vault)
    for line in findings.proofs:
        print_message(f"✓ {line}")
    for line in findings.broken:
        print_message(f"✗ {line}")
    if findings.broken:
        raise PublishError(
            N_("{folder} fails the checks marked ✗ ({count}): do not share it"),
            folder=shown,
            count=len(findings.broken),
        )


def _summary_text(pub: "Publication") -> str:
    """Return a text on what is published, and what is withheld and why."""
    from lindero.app.text.codes import translate_code
    from lindero.layers.publish.rules import LEAST_CHANGED

    shown = [f"  {translate_code(name)}: {format_number(len(rows))}" for name, rows in pub.layers.items()]
    cells = _("  restricted, as counts: about {count} (cells: {cells})").format(
        cells=format_number(len(pub.counts)), count=format_number(int(pub.counts["count"].sum()))
    )
    left_out = pub.withheld
    withheld_texts = [
        _("  restricted, not in any cell: {n} (fewer than 5 in their region and year, or location not known)"),
        _("  restricted, possibly a case or person already counted: {n} (see lindero vault duplicates)"),
        _("  restricted, possibly a public or confidential case: {n} (see lindero vault duplicates)"),
        _("  confidential: {n}"),
        _("  protection measures: {n} (they reveal who is protected, by whom and how)"),
        _("  incidents in other countries: {n} (--country all publishes them, too)"),
    ]
    names = ("restricted", "copies", "known_otherwise", "confidential", "protection_measures", "abroad")
    withheld = [
        text.format(n=format_number(left_out[name]))
        for text, name in zip(withheld_texts, names, strict=True)
        if left_out.get(name)
    ]
    held_back_note = [
        _(
            "The numbers are still those of the last publication. Fewer than {least} cases have changed "
            "since, and new numbers could reveal the people concerned. Publish again when more have "
            "changed. To publish without numbers: --without-vault."
        ).format(least=LEAST_CHANGED)
    ]
    first_note = [
        _(
            "This vault has no record of an earlier publication. If there was one, this is an old copy "
            "of the vault. Use the newer vault, or others can compare the numbers of both publications."
        )
    ]
    return "\n".join(
        [
            _("Published:"),
            *shown,
            cells,
            *(held_back_note if pub.is_held_back else first_note if pub.is_first else []),
            _("Not published:"),
            *(withheld or [_("  nothing")]),
        ]
    )


# The command that makes a pocket map: one page for a phone, a USB stick or a messenger.


class PocketSubject(StrEnum):
    """The subject of a pocket map."""

    COMMUNITY = "community"
    REGION = "region"


@program.command(help=_("Write a pocket map: one file that answers questions on a phone."))
def pack(
    subject: Annotated[PocketSubject, typer.Argument(help=_("community or region."))],
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id; for a region, its ISO 3166 code."))],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help=_("Output file (default: in the current folder, named after the place and the date)."),
        ),
    ] = None,
    basemap: Annotated[
        str,
        typer.Option(
            metavar="ID",
            help=_("Basemap of the workspace to include, clipped to the map. `lindero basemap list` lists them."),
        ),
    ] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the page, from what a publication without the vault would hold."""
    from lindero.app.builder.consent import check_no_withdrawn
    from lindero.app.media.phone import grid_outlines
    from lindero.app.media.phone.about import Subject
    from lindero.app.media.site.pack import create_pack as made
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    check_no_withdrawn(space)
    warn_if_behind(space)
    with (
        progress_bar(_("Pocket map")) as step,
        journal.record_action(space.folder, journal.PUBLISHED, folder=of),
    ):
        page = made(space, Subject(subject.value), of, today=local_today(), basemap=basemap, progress=step)
    target = output or Path(page.file_name)
    if target.is_dir():
        target /= page.file_name
    try:
        target.write_text(page.html, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=target, why=error.strerror) from error
    exact = _("to a decimetre") if page.step == grid_outlines.FINE_DEGREES else _("to a metre")
    template = _(
        "Written to {file}: {kb} kB, outlines exact {exact}. It contains what a publication without the "
        "vault would contain."
    )
    for text in _background_lines(space.folder, page.background):
        print_message(text)
    print_message(template.format(file=target, kb=format_number(target.stat().st_size / 1000), exact=exact))


def _background_lines(folder: Path, cut: "BackgroundExtract | None") -> Iterator[str]:
    """Yield lines on the background in the page and its missing zooms, or on the backgrounds that it could have."""
    from lindero.layers.workspace import backgrounds

    if cut is None:
        if background_ids := ", ".join(entry.id for entry in backgrounds.TABLE.read_entries(folder)):
            yield _("Not included: {backgrounds}. --basemap includes one, besides the basemap of Lindero.").format(
                backgrounds=background_ids
            )
        return
    zooms = {"first": cut.first, "all_round": cut.frame_last, "last": cut.last, "file": cut.file_last}
    template = _("Basemap: {title}. Attribution: {attribution}.")
    yield template.format(title=cut.background.title, attribution=cut.background.attribution)
    if cut.frame_last < cut.first:
        yield _(
            "Zoom levels {first} to {last}, only for the place itself: there was no room for its surroundings."
        ).format(**zooms)
    elif cut.last > cut.frame_last:
        yield _("Zoom levels {first} to {all_round} for the whole map, up to {last} for the place itself.").format(
            **zooms
        )
    else:
        yield _("Zoom levels {first} to {last} for the whole map.").format(**zooms)
    if cut.last < cut.file_last:
        yield _("There was no room for the finer zoom levels: the basemap file goes up to level {file}.").format(
            **zooms
        )
